"""The losses beside their formulas."""

import chainer
import numpy as np
import pytest

from illust_gan.nets import losses

RNG = np.random.RandomState(0)


def softplus(x):
    return np.log1p(np.exp(x))


def test_sigmoid_losses():
    fake, real = RNG.normal(0, 2, (2, 5, 1))
    y_fake, y_real = (chainer.Variable(y.astype("f")) for y in (fake, real))
    assert float(losses.sigmoid_loss_gen(y_fake).array) == pytest.approx(
        softplus(-fake).mean(), rel=1e-6
    )
    assert float(losses.sigmoid_loss_dis(y_fake, y_real).array) == pytest.approx(
        softplus(fake).mean() + softplus(-real).mean(), rel=1e-6
    )


def test_softmax_losses():
    fake, real = RNG.normal(0, 2, (2, 5, 2))
    y_fake, y_real = (chainer.Variable(y.astype("f")) for y in (fake, real))

    def cross_entropy(y, label):
        return (np.log(np.exp(y).sum(axis=1)) - y[:, label]).mean()

    assert float(losses.softmax_loss_gen(y_fake).array) == pytest.approx(
        cross_entropy(fake, 0), rel=1e-6
    )
    assert float(losses.softmax_loss_dis(y_fake, y_real).array) == pytest.approx(
        cross_entropy(fake, 1) + cross_entropy(real, 0), rel=1e-6
    )
