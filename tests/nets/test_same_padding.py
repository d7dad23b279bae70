"""5×5 with stride 2 as TensorFlow pads it, against the rule written out."""

import warnings

import chainer
import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.functions import switch
from illust_gan.nets.same_padding import SameConvolution2D, halved, same_deconvolution

SIZES = [1, 2, 3, 4, 5, 7, 8, 13, 16, 25]


def padded(x):
    """A picture (N, C, H, W) with the zeros that "SAME" wants around it; how many are before."""
    around = []
    for n in x.shape[2:]:
        more = max((-(-n // 2) - 1) * 2 + 5 - n, 0)
        around.append((more // 2, more - more // 2))
    return np.pad(x, [(0, 0), (0, 0), *around]), [before for before, _ in around]


def windows(shape):
    for i, j in np.ndindex(-(-shape[0] // 2), -(-shape[1] // 2)):
        yield (..., i, j), (..., slice(2 * i, 2 * i + 5), slice(2 * j, 2 * j + 5))


def convolved(x, W):
    """The sum as it is defined, in float64: x (N, C, H, W), W (out, C, 5, 5)."""
    big, _ = padded(x.astype(float))
    y = np.zeros((len(x), len(W), halved(x.shape[2]), halved(x.shape[3])))
    for pixel, window in windows(x.shape[2:]):
        y[pixel] = np.einsum("nchw,ochw->no", big[window], W)
    return y


def deconvolved(y, W, n):
    """The transposed sum: y (N, C, m, m), W (C, out, 5, 5) → (N, out, n, n)."""
    big, (top, left) = padded(np.zeros((len(y), W.shape[1], n, n)))
    for pixel, window in windows((n, n)):
        big[window] += np.einsum("nc,cohw->nohw", y[pixel], W)
    return big[:, :, top : top + n, left : left + n]


def random(*shape, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype("f")


def links(n, n_big=3, n_small=4):
    conv = SameConvolution2D(n_big, n_small, nobias=True)
    deconv = same_deconvolution(n_small, n_big, n, nobias=True)
    conv.W.array[...] = deconv.W.array[...] = random(*conv.W.shape)
    return (
        conv,
        deconv,
        random(2, n_big, n, n, seed=1),
        random(2, n_small, *[halved(n)] * 2, seed=2),
    )


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def path(request):
    with illust_gan.config.using(fast=request.param):
        yield


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("n", SIZES)
def test_both_are_the_rule(n):
    conv, deconv, x, y = links(n)
    np.testing.assert_allclose(conv(x).array, convolved(x, conv.W.array), rtol=0, atol=1e-5)
    np.testing.assert_allclose(
        deconv(y).array, deconvolved(y, deconv.W.array, n), rtol=0, atol=1e-5
    )


@pytest.mark.usefixtures("path")
def test_height_and_width_are_padded_each_by_its_own_size():
    conv, _, _, _ = links(8)
    x = random(2, 3, 8, 7, seed=1)
    np.testing.assert_allclose(conv(x).array, convolved(x, conv.W.array), rtol=0, atol=1e-5)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("n", SIZES)
def test_gradients(n):
    conv, deconv, x, y = links(n)
    conv.cleargrads()
    deconv.cleargrads()
    big, small = chainer.Variable(x), chainer.Variable(y)
    F.sum(conv(big) * y).backward()
    F.sum(deconv(small) * x).backward()
    W = conv.W.array
    np.testing.assert_allclose(big.grad, deconvolved(y, W, n), rtol=0, atol=1e-5)
    np.testing.assert_allclose(small.grad, convolved(x, W), rtol=0, atol=1e-5)
    # Both products are the same sum over x, y and W.
    np.testing.assert_allclose(conv.W.grad, deconv.W.grad, rtol=0, atol=1e-4)
    np.testing.assert_allclose(np.vdot(conv.W.grad, W), np.vdot(x, big.grad), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("n", [8, 7])
def test_the_compiled_kernels_take_them(n, monkeypatch):
    kernels = switch.fast_kernels(np.dtype(np.float32))
    if kernels is None:
        pytest.skip("there are no compiled kernels for this machine")
    used = set()
    for name in ("direct_convolution", "direct_deconvolution", "direct_gradient"):
        kernel = getattr(kernels, name)
        monkeypatch.setattr(
            kernels, name, lambda *args, name=name, kernel=kernel: used.add(name) or kernel(*args)
        )
    conv, deconv, x, y = links(n)
    for link, array in ((conv, x), (deconv, y)):
        variable = chainer.Variable(array)
        link.cleargrads()
        used.clear()
        F.sum(link(variable)).backward()
        assert used == {"direct_convolution", "direct_deconvolution", "direct_gradient"}


@pytest.mark.parametrize("n", SIZES)
def test_tensorflow_itself(n):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tf = pytest.importorskip("tensorflow", reason="pip install tensorflow-cpu to compare with")
        conv, deconv, x, y = links(n)
        kernel = conv.W.array.transpose(2, 3, 1, 0)
        there = tf.nn.conv2d(x.transpose(0, 2, 3, 1), kernel, 2, "SAME").numpy()
        back = tf.nn.conv2d_transpose(y.transpose(0, 2, 3, 1), kernel, (2, n, n, 3), 2).numpy()
    np.testing.assert_allclose(conv(x).array, there.transpose(0, 3, 1, 2), rtol=0, atol=1e-5)
    np.testing.assert_allclose(deconv(y).array, back.transpose(0, 3, 1, 2), rtol=0, atol=1e-5)
