"""A small layer of batch normalisation, with and without the fast path."""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.unfinished import Unfinished
from tests.functions.arrays import lay, numbers

ACTIVATIONS = [F.relu, F.leaky_relu, F.elu]
by_activation = pytest.mark.parametrize("activate", ACTIVATIONS, ids=lambda f: f.__name__)
SHAPE = (6, 3, 4, 5)


def picture(seed=0, dtype=np.float32):
    return lay(numbers(seed, SHAPE, dtype), ((0, 2, 3, 1), False))


def make_layer():
    bn = L.BatchNormalization(SHAPE[1])
    bn.gamma.array[...] = (0.5, -1.5, 2)
    bn.beta.array[...] = (0.1, 0, -0.3)
    bn.cleargrads()
    return bn


def normalized(x=None):
    """A variable that is not finished."""
    h = make_layer()(F.identity(chainer.Variable(picture() if x is None else x)))
    assert is_unfinished(h)
    return h


def is_unfinished(h):
    return type(h._data) is Unfinished and 0 not in h._data


def finished():
    """The array that it is to have."""
    return F.batch_normalization(picture(), make_layer().gamma, make_layer().beta).array


def both(compute):
    """Run something with and without the fast path."""
    results = []
    for on in (True, False):
        with illust_gan.config.using(fast=on):
            results.append(compute())
    return results


def assert_all_close(compute):
    for actual, expected in zip(*both(compute), strict=True):
        if expected is None:
            assert actual is None
        else:
            np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


def gradients(bn, x):
    return [x.grad, bn.gamma.grad, bn.beta.grad]
