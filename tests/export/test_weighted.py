import chainer.functions as F
import numpy as np
import pytest

from illust_gan.export.weighted import Weighted


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.mark.parametrize(
    ("ksize", "stride", "pad", "pad_after", "size"),
    [(4, 2, 1, 1, (5, 5)), (5, 2, 1, 2, (7, 7)), (5, 2, 2, 2, (4, 4)), (3, 1, 1, 1, (1, 6))],
)
def test_labels_beside_the_input_of_a_transposed_convolution(
    ksize, stride, pad, pad_after, size, rng
):
    W, b = rng.normal(size=(6, 3, ksize, ksize)), rng.normal(size=3)
    y = rng.normal(size=2)
    x = rng.normal(size=(1, 4, *size))
    outsize = tuple(stride * (i - 1) + ksize - pad - pad_after for i in size)
    step = Weighted("dc", W, b, stride, pad, pad_after)
    step.take_labels(y, size)
    labels = np.broadcast_to(y[:, None, None], (1, 2, *size))
    both = np.concatenate([x, labels], axis=1)
    wanted = F.deconvolution_2d(both, W, b, stride, pad, outsize).array
    product = F.deconvolution_2d(x, step.W, None, stride, pad, outsize).array
    np.testing.assert_allclose(product + step.b, wanted, rtol=0, atol=1e-12)
    # It is no bias of a channel alone.
    means = step.b.mean(axis=(1, 2), keepdims=True)
    assert np.abs(product + means - wanted).max() > 0.1

    # What normalises it does so at each pixel.
    gamma, beta, mean, var = rng.uniform(0.5, 2, (4, 3))
    step.normalize(gamma, beta, mean, var, 1e-5)
    product = F.deconvolution_2d(x, step.W, None, stride, pad, outsize).array
    args = (wanted, gamma, beta, mean, var)
    normalized = F.fixed_batch_normalization(*args, eps=1e-5).array
    np.testing.assert_allclose(product + step.b, normalized, rtol=0, atol=1e-12)


def test_labels_beside_the_input_of_a_fully_connected_layer(rng):
    W, b, x, y = (rng.normal(size=shape) for shape in ((3, 6), 3, 4, 2))
    step = Weighted("fc", W, b)
    step.take_labels(y)
    assert step.b.shape == (3,)
    np.testing.assert_allclose(step.W @ x + step.b, W @ np.r_[x, y] + b, rtol=1e-12)
