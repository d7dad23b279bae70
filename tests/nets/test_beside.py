import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check

from illust_gan.nets.beside import Beside, beside, one_hot


def arrays(shape, n=3, dtype=np.float32):
    rng = np.random.RandomState(0)
    return rng.normal(size=shape).astype(dtype), rng.normal(size=(shape[0], n)).astype(dtype)


def plain(h, y):
    if h.ndim == 4:
        y = F.broadcast_to(F.reshape(y, (*y.shape, 1, 1)), (*y.shape, *h.shape[2:]))
    return F.concat((h, y), axis=1)


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 4, 3), (1, 1, 1, 1)])
@pytest.mark.parametrize("dtype", ["f", "e", "d"])
def test_it_is_concat(shape, dtype):
    h, y = arrays(shape, dtype=dtype)
    out = beside(h, y)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out.array, plain(h, y).array)


def test_labels_take_the_type_of_what_they_are_beside():
    h, _ = arrays((2, 5, 4, 4), dtype="e")
    assert beside(h, one_hot(np.array([0, 2]), 3)).dtype == np.float16


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 4, 3)])
def test_order_in_memory_is_kept(shape):
    h, y = arrays(shape)
    if h.ndim == 4:
        last = np.ascontiguousarray(h.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        out = beside(last, y).array
        assert out.transpose(0, 2, 3, 1).flags.c_contiguous
        np.testing.assert_array_equal(out, plain(h, y).array)
    assert beside(h, y).array.flags.c_contiguous


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 4, 3)])
def test_gradients(shape):
    h, y = arrays(shape, dtype="d")
    gy = np.random.RandomState(1).normal(size=plain(h, y).shape)
    gradient_check.check_backward(lambda *xs: Beside().apply(xs)[0], (h, y), gy, dtype="d")
    inputs = chainer.Variable(h), chainer.Variable(y)
    expected = chainer.grad([plain(*inputs)], inputs, [chainer.Variable(gy)])
    found = chainer.grad([beside(*inputs)], inputs, [chainer.Variable(gy)])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.array, b.array, rtol=1e-12)


def test_gradients_have_gradients():
    h, y = arrays((2, 4, 3, 3), dtype="d")
    rng = np.random.RandomState(2)
    gy, ggh, ggy = rng.normal(size=(2, 7, 3, 3)), rng.normal(size=h.shape), rng.normal(size=y.shape)
    gradient_check.check_double_backward(
        lambda *xs: Beside().apply(xs)[0] ** 2, (h, y), gy, (ggh, ggy), dtype="d"
    )


def test_one_hot():
    found = one_hot(np.array([2, 0, 7], np.int32), 3)
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 0]]
