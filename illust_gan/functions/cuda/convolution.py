"""Convolution, transposed convolution and the gradient of their weights on a GPU, by cuDNN.

The three are one sum seen from three sides, as in :mod:`illust_gan.functions.convolution`. Matrices
go the same way, as pictures of one pixel, or where there is no plan for that through a kernel of
this package: cuBLAS, to which CuPy sends them, cannot be captured.
"""

from illust_gan.functions.activation import IDENTITY
from illust_gan.functions.cuda import cudnn
from illust_gan.functions.cuda.activation import bias_activate
from illust_gan.functions.cuda.layout import cast, channels_last, channels_second
from illust_gan.functions.cuda.linear import product
from illust_gan.functions.cuda.weights import prepared

_DTYPES = {"float32": "float32", "tf32": "float32", "float16": "float16", "bf16": "bfloat16"}


def dtype_of(precision):
    """Return the type that products have in a precision.

    Args:
        precision (str): One of :data:`illust_gan.functions.switch.PRECISIONS`.

    Returns:
        numpy.dtype: float32, float16 or bfloat16.
    """
    import numpy as np

    if precision == "bf16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(_DTYPES[precision])


def convolve(x, W, b, out_size, geometry, precision):
    """Compute the smaller picture.

    Args:
        x, W, b (cupy.ndarray): (N, C, H, W), (S, C // groups, kh, kw) and (S,) or None; of float32,
            float16 or bfloat16 each.
        out_size (tuple of int): (h, w).
        geometry (illust_gan.functions.convolution.Geometry): Of the layer.
        precision (str): See :func:`dtype_of`.

    Returns:
        cupy.ndarray: (N, S, h, w) of the precision's type, channels last in memory; None where
        cuDNN has no plan.
    """
    dtype = dtype_of(precision)
    y = _empty((len(x), len(W), *out_size), dtype)
    sum_ = _describe("fprop", x.shape, y.shape, W.shape, geometry, precision)
    if not cudnn.run(sum_, channels_last(x, dtype), prepared(W, dtype), y):
        return None
    return _add_bias(y, b)


def deconvolve(x, W, b, out_size, geometry, precision):
    """Compute the bigger picture.

    Args:
        x, W, b (cupy.ndarray): (N, S, h, w), (S, C // groups, kh, kw) and (C,) or None.
        out_size (tuple of int): (H, W).
        geometry, precision: As for :func:`convolve`.

    Returns:
        cupy.ndarray: (N, C, H, W), or None, as there.
    """
    dtype = dtype_of(precision)
    y = _empty((len(x), W.shape[1] * geometry.groups, *out_size), dtype)
    sum_ = _describe("dgrad", y.shape, x.shape, W.shape, geometry, precision)
    if not cudnn.run(sum_, channels_last(x, dtype), prepared(W, dtype), y):
        return None
    return _add_bias(y, b)


def gradient_of_weights(big, small, W_dtype, geometry, precision):
    """Compute the gradient of the weights.

    Args:
        big (cupy.ndarray): (N, C, H, W).
        small (cupy.ndarray): (N, S, h, w); one of both is a gradient.
        W_dtype (numpy.dtype): Of the result.
        geometry, precision: As for :func:`convolve`.

    Returns:
        cupy.ndarray: C-contiguous (S, C // groups, kh, kw); None where cuDNN has no plan.
    """
    dtype = dtype_of(precision)
    shape = (small.shape[1], big.shape[1] // geometry.groups, *geometry.ksize)
    gW = _empty(shape, dtype)
    sum_ = _describe("wgrad", big.shape, small.shape, shape, geometry, precision)
    if not cudnn.run(sum_, channels_last(big, dtype), channels_last(small, dtype), gW):
        return None
    return channels_second(gW, W_dtype)


def linear(x, W, b, precision):
    """Multiply the rows of a matrix with weights.

    Args:
        x, W, b (cupy.ndarray): (N, K), (S, K) and (S,) or None.
        precision: As for :func:`convolve`.

    Returns:
        cupy.ndarray: (N, S) of the precision's type, x·Wᵀ + b.
    """
    return _add_bias(_multiply("fprop", (len(x), len(W)), x, W, precision), b)


def linear_gradient_x(gy, W, precision):
    """Compute gy·W, (N, K) of the precision's type, from (N, S) and (S, K)."""
    return _multiply("dgrad", (len(gy), W.shape[1]), gy, W, precision)


def linear_gradient_weights(x, gy, precision):
    """Compute gyᵀ·x, float32 (S, K), from (N, K) and (N, S)."""
    return cast(_multiply("wgrad", (gy.shape[1], x.shape[1]), x, gy, precision), "float32")


def _multiply(kind, shape, first, second, precision):
    import cupy

    dtype = dtype_of(precision)
    first = channels_second(first, dtype)
    second = channels_second(second, dtype) if kind == "wgrad" else prepared(second, dtype)
    out = cupy.empty(shape, dtype)
    if kind == "fprop":
        big, small, weights = first.shape, shape, second.shape
    elif kind == "dgrad":
        big, small, weights = shape, first.shape, second.shape
    else:
        big, small, weights = first.shape, second.shape, shape
    shapes = ((*matrix, 1, 1) for matrix in (big, small, weights))
    sum_ = _describe(kind, *shapes, _ONE_PIXEL, precision)
    if cudnn.run(sum_, first, second, out):
        return out
    if kind == "fprop":
        return product(first, second.T, dtype=dtype)
    return product(*((first, second) if kind == "dgrad" else (second.T, first)), dtype=dtype)


class _OnePixel:
    stride = dilate = (1, 1)
    pad = (0, 0)


_ONE_PIXEL = _OnePixel()


def _describe(kind, big, small, weights, geometry, precision):
    reach = ((k - 1) * d + 1 for k, d in zip(weights[2:], geometry.dilate, strict=True))
    # As much as before, or what the last window needs; a rest that no window fits is passed over.
    after = tuple(
        max((n - 1) * s + r - p - size, p)
        for n, s, r, p, size in zip(small[2:], geometry.stride, reach, geometry.pad, big[2:])
    )
    return cudnn.Convolution(
        kind, tuple(big), tuple(small), tuple(weights), tuple(geometry.pad), after,
        tuple(geometry.stride), tuple(geometry.dilate), _DTYPES[precision], precision == "tf32",
    )  # fmt: skip


def _add_bias(y, b):
    if b is None:
        return y
    # Chainer's layers of float16 have it of that type; the kernel reads float32, without gaps.
    return bias_activate(y, channels_second(b, "float32"), IDENTITY, 0.0, out=y)


def _empty(shape, dtype):
    import cupy

    n, c, h, w = shape
    return cupy.empty((n, h, w, c), dtype).transpose(0, 3, 1, 2)
