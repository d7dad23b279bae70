import math

import chainer
import numpy as np
import pytest

from illust_gan.nets import maccha, rezoolab
from illust_gan.nets.initializers import TruncatedNormal, WScale


@pytest.mark.parametrize(
    ("shape", "input_axis", "fan_in"),
    [
        ((18432, 100), 1, 100),
        ((128, 64, 4, 4), 1, 4 * 4 * 64),
        ((512, 256, 4, 4), 0, 4 * 4 * 512),
    ],
    ids=["linear", "convolution", "deconvolution"],
)
def test_standard_deviation_is_that_of_chainer_1(shape, input_axis, fan_in):
    w = np.empty(shape, np.float32)
    WScale(3.0, input_axis=input_axis, rng=np.random.RandomState(0))(w)
    std = 3.0 * math.sqrt(1 / fan_in)
    # The estimate of a standard deviation from n draws is off by std/√(2n); five of those.
    assert w.std() == pytest.approx(std, rel=5 / math.sqrt(2 * w.size))
    assert abs(w.mean()) < 5 * std / math.sqrt(w.size)


def test_same_seed_same_weights_without_touching_the_global_state():
    before = np.random.get_state()[1].copy()
    drawn = [np.empty((8, 4), np.float32) for _ in range(2)]
    for w in drawn:
        WScale(rng=np.random.RandomState(7))(w)
    assert (drawn[0] == drawn[1]).all()
    assert (np.random.get_state()[1] == before).all()


def test_without_rng_the_global_state_is_used_as_in_chainer():
    drawn = []
    for _ in range(2):
        np.random.seed(1)
        w = np.empty((8, 4), np.float32)
        WScale()(w)
        drawn.append(w)
    assert (drawn[0] == drawn[1]).all()


@pytest.mark.parametrize(
    ("net", "std"), [(rezoolab, 0.01), (maccha, 0.02)], ids=["rezoolab", "maccha"]
)
def test_every_weight_of_the_nets_has_its_articles_deviation(net, std):
    for cls in (net.Generator, net.Discriminator):
        for path, param in cls(rng=np.random.RandomState(0)).namedparams():
            if path.endswith("/W"):
                rel = 5 / math.sqrt(2 * param.size)
                assert param.array.std() == pytest.approx(std, rel=rel), path
            elif path.endswith("/b"):
                assert not param.array.any(), path


def test_fills_what_a_link_makes():
    link = chainer.links.Linear(3, 2, initialW=WScale(rng=np.random.RandomState(0)))
    assert link.W.dtype == np.float32
    assert np.isfinite(link.W.array).all()


def test_truncated_normal_has_no_outliers_and_the_deviation_that_is_left():
    w = np.empty((256, 128, 5, 5), np.float32)
    TruncatedNormal(0.5, rng=np.random.RandomState(0))(w)
    assert abs(w).max() <= 1
    # The normal distribution's variance between -2 and 2: 1 - 4·φ(2) / (2·Φ(2) - 1).
    density = math.exp(-2) / math.sqrt(2 * math.pi)
    left = math.sqrt(1 - 4 * density / math.erf(math.sqrt(2)))
    assert w.std() == pytest.approx(0.5 * left, rel=5 / math.sqrt(2 * w.size))


@pytest.mark.parametrize("seed", [None, 7])
def test_truncated_normal_from_the_same_state_is_the_same(seed):
    drawn = []
    for _ in range(2):
        np.random.seed(1)
        w = np.empty((32, 4), np.float32)
        TruncatedNormal(rng=None if seed is None else np.random.RandomState(seed))(w)
        drawn.append(w)
    assert (drawn[0] == drawn[1]).all()
