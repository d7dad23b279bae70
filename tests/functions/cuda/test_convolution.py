"""Products by cuDNN beside Chainer's own on the CPU in float64."""

import chainer
import chainer.functions as F
import numpy as np
import pytest

from illust_gan.functions.convolution import Geometry
from illust_gan.functions.cuda import convolution
from tests.functions.cuda.device_arrays import (
    ROUNDING,
    bits_of,
    dtype_of,
    misaligned,
    on_device,
    values_of,
)

pytestmark = pytest.mark.gpu

# TF32 has as many digits as float16.
FACTORS = {"float32": "float32", "tf32": "float16", "float16": "float16", "bf16": "bfloat16"}
TYPES = {"float32": "float32", "tf32": "float32", "float16": "float16", "bf16": "bfloat16"}
# Big and small picture, weights, geometry.
LAYERS = {
    "k4 s2 p1": ((3, 8, 12, 8), (3, 16, 6, 4), (16, 8, 4, 4), ((2, 2), (1, 1), (1, 1), 1)),
    "same": ((2, 4, 8, 7), (2, 6, 4, 4), (6, 4, 5, 5), ((2, 2), (1, 2), (1, 1), 1)),
    "thin": ((2, 3, 8, 8), (2, 5, 4, 4), (5, 3, 4, 4), ((2, 2), (1, 1), (1, 1), 1)),
    "unequal": ((2, 4, 9, 8), (2, 6, 4, 10), (6, 4, 3, 1), ((2, 1), (0, 1), (1, 1), 1)),
    "dilated": ((2, 8, 9, 9), (2, 8, 5, 5), (8, 8, 3, 3), ((2, 2), (2, 2), (2, 2), 1)),
    "groups": ((2, 16, 6, 6), (2, 32, 6, 6), (32, 8, 3, 3), ((1, 1), (1, 1), (1, 1), 2)),
    "one pixel": ((5, 20, 1, 1), (5, 48, 1, 1), (48, 20, 1, 1), ((1, 1), (0, 0), (1, 1), 1)),
}


def factor(shape, seed, precision):
    """Return numbers that a precision holds as they are, so that only sums can differ."""
    values = np.random.RandomState(seed).randn(*shape)
    return values.astype(dtype_of(FACTORS[precision])).astype(np.float64)


def options(geometry):
    return {
        "stride": geometry.stride,
        "pad": geometry.pad,
        "dilate": geometry.dilate,
        "groups": geometry.groups,
    }


def gradient_of_weights(big, small, W, geometry, cover_all):
    W = chainer.Variable(W)
    y = F.convolution_2d(big, W, cover_all=cover_all, **options(geometry))
    return chainer.grad([y], [W], [chainer.Variable(small)])[0].array


def assert_product(found, wanted, precision, before=0):
    """Assert that an array is right but for float32's sums and its precision's rounding.

    Args:
        found (cupy.ndarray): What has been computed.
        wanted (numpy.ndarray): float64.
        precision (str): One of ``FACTORS``.
        before (numpy.ndarray): What has been rounded on the way to it.
    """
    assert found.shape == wanted.shape
    rounding = 1.01 * ROUNDING[TYPES[precision]] * (np.abs(wanted) + np.abs(before))
    # Sums of positive and negative numbers may be smaller than what they are made of.
    slack = 4e-6 * np.abs(wanted).max() + (2.0**-24 if precision == "float16" else 0)
    assert (np.abs(values_of(found) - wanted) - rounding).max() <= slack


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("precision", FACTORS)
@pytest.mark.parametrize("name", LAYERS)
def test_the_three_sums(name, precision, last):
    big_shape, small_shape, W_shape, rest = LAYERS[name]
    geometry = Geometry(W_shape[2:], *rest)
    big, small, W = (
        factor(shape, seed, precision)
        for seed, shape in enumerate((big_shape, small_shape, W_shape))
    )
    big_on_gpu, small_on_gpu = (on_device(array, TYPES[precision], last) for array in (big, small))
    W_on_gpu = on_device(W)
    cover_all = name == "same"

    y = convolution.convolve(big_on_gpu, W_on_gpu, None, small_shape[2:], geometry, precision)
    assert y.dtype == convolution.dtype_of(precision) == dtype_of(TYPES[precision])
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    wanted = F.convolution_2d(big, W, cover_all=cover_all, **options(geometry)).array
    assert_product(y, wanted, precision)

    y = convolution.deconvolve(small_on_gpu, W_on_gpu, None, big_shape[2:], geometry, precision)
    assert y.dtype == convolution.dtype_of(precision)
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    wanted = F.deconvolution_2d(small, W, outsize=big_shape[2:], **options(geometry)).array
    assert_product(y, wanted, precision)

    gW = convolution.gradient_of_weights(
        big_on_gpu, small_on_gpu, np.dtype(np.float32), geometry, precision
    )
    assert gW.dtype == np.float32
    assert gW.flags.c_contiguous
    assert_product(gW, gradient_of_weights(big, small, W, geometry, cover_all), precision)


@pytest.mark.parametrize("precision", FACTORS)
def test_bias(precision):
    big, small, W = (
        factor(shape, seed, precision)
        for seed, shape in enumerate([(2, 4, 8, 8), (2, 6, 4, 4), (6, 4, 4, 4)])
    )
    geometry = Geometry((4, 4), (2, 2), (1, 1), (1, 1), 1)
    b_small, b_big = factor((6,), 3, precision), factor((4,), 4, precision)
    name = TYPES[precision]
    found = convolution.convolve(
        on_device(big, name), on_device(W), on_device(b_small), (4, 4), geometry, precision
    )
    plain = F.convolution_2d(big, W, None, 2, 1).array
    assert_product(found, plain + b_small.reshape(6, 1, 1), precision, before=plain)
    found = convolution.deconvolve(
        on_device(small, name), on_device(W), on_device(b_big), (8, 8), geometry, precision
    )
    plain = F.deconvolution_2d(small, W, None, 2, 1).array
    assert_product(found, plain + b_big.reshape(4, 1, 1), precision, before=plain)


def test_all_of_float16_as_chainer_has_it():
    x, W, b = (
        factor(shape, seed, "float16")
        for seed, shape in enumerate([(2, 3, 8, 8), (5, 3, 4, 4), (5,)])
    )
    plain = F.convolution_2d(x, W, None, 2, 1).array
    on_gpu = (on_device(array, "float16") for array in (x, W, b))
    found = F.convolution_2d(*on_gpu, 2, 1).array
    assert found.dtype == np.float16
    assert_product(found, plain + b.reshape(5, 1, 1), "float16", before=plain)


def test_arrays_of_another_type_are_rounded_first():
    x, W = (np.random.RandomState(i).randn(*s) for i, s in enumerate([(2, 8, 4, 4), (8, 8, 1, 1)]))
    geometry = Geometry((1, 1), (1, 1), (0, 0), (1, 1), 1)
    found = convolution.convolve(on_device(x), on_device(W), None, (4, 4), geometry, "float16")
    rounded = (array.astype(np.float16).astype(np.float64) for array in (x, W))
    assert_product(found, F.convolution_2d(*rounded).array, "float16")
    # A hidden layer of 16 bits, in a precision that multiplies more.
    found = convolution.convolve(
        on_device(x, "float16"), on_device(W), None, (4, 4), geometry, "float32"
    )
    x, W = x.astype(np.float16).astype(np.float64), W.astype(np.float32).astype(np.float64)
    assert_product(found, F.convolution_2d(x, W).array, "float32")


def test_more_padding_below_and_to_the_right():
    x, W = factor((2, 8, 8, 8), 0, "float32"), factor((8, 8, 5, 5), 1, "float32")
    geometry = Geometry((5, 5), (2, 2), (1, 1), (1, 1), 1)
    found = convolution.convolve(on_device(x), on_device(W), None, (4, 4), geometry, "float32")
    padded = np.pad(x, ((0, 0), (0, 0), (1, 2), (1, 2)))
    assert_product(found, F.convolution_2d(padded, W, stride=2).array, "float32")


def test_arrays_that_begin_anywhere():
    x, W = factor((2, 5, 8, 8), 0, "float32"), factor((8, 5, 4, 4), 1, "float32")
    geometry = Geometry((4, 4), (2, 2), (1, 1), (1, 1), 1)
    wanted = F.convolution_2d(x, W, stride=2, pad=1).array
    shifted = misaligned(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for begin in (shifted, misaligned(x)):
        found = convolution.convolve(begin, misaligned(W), None, (4, 4), geometry, "float32")
        assert_product(found, wanted, "float32")


@pytest.mark.parametrize("precision", FACTORS)
@pytest.mark.parametrize("shape", [(6, 20, 48), (1, 100, 64), (7, 5, 9)])
def test_matrices(shape, precision):
    n, k, s = shape
    x, gy, W = (
        factor(shape, seed, precision) for seed, shape in enumerate([(n, k), (n, s), (s, k)])
    )
    x_on_gpu, gy_on_gpu = (on_device(array, TYPES[precision]) for array in (x, gy))
    y = convolution.linear(x_on_gpu, on_device(W), None, precision)
    assert y.dtype == convolution.dtype_of(precision)
    assert_product(y, x @ W.T, precision)
    b = factor((s,), 3, precision)
    y = convolution.linear(x_on_gpu, on_device(W), on_device(b), precision)
    assert_product(y, x @ W.T + b, precision, before=x @ W.T)
    gx = convolution.linear_gradient_x(gy_on_gpu, on_device(W), precision)
    assert_product(gx, gy @ W, precision)
    gW = convolution.linear_gradient_weights(x_on_gpu, gy_on_gpu, precision)
    assert gW.dtype == np.float32
    assert_product(gW, gy.T @ x, precision)


@pytest.mark.parametrize("precision", FACTORS)
def test_same_bits_each_time(precision):
    geometry = Geometry((4, 4), (2, 2), (1, 1), (1, 1), 1)
    big, small, W = (
        on_device(factor(shape, seed, precision), TYPES[precision])
        for seed, shape in enumerate([(16, 3, 32, 32), (16, 64, 16, 16), (64, 3, 4, 4)])
    )
    found = set()
    for _ in range(5):
        y = convolution.convolve(big, W, None, (16, 16), geometry, precision)
        x = convolution.deconvolve(small, W, None, (32, 32), geometry, precision)
        gW = convolution.gradient_of_weights(big, small, np.dtype(np.float32), geometry, precision)
        found.add((bits_of(y), bits_of(x), bits_of(gW)))
    assert len(found) == 1
