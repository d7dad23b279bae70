"""Convolution, transposed convolution and the gradient of their weights, by compiled kernels.

The three are one sum seen from three sides. Between a bigger picture (N, B, H, W) and a smaller one
(N, S, h, w) stand weights (S, B, kh, kw); a convolution makes the smaller from the bigger, a
transposed one the bigger from the smaller, and the gradient of the weights needs both.

k4 s2 p1, the kernel of both articles, goes by minimal filtering (``native/winograd.h``) where the
transforms cost less than they save; everything else by products of gathered columns
(``native/direct.h``), or of columns read in place where the bigger picture has few channels
(``native/direct_thin.h``). Results are (N, C, H, W) to the reader and channels-last in memory.
"""

import numpy as np

from illust_gan.functions.recycling import empty
from illust_gan.functions.switch import config, fast_kernels

# Where minimal filtering pays: channels on both sides, and tiles of 2×2 output pixels. The weights'
# transform takes longer than few tiles save; the gradient of the weights has none. Transposed
# convolutions to few tiles, of which one picture has no more, have a transform in the cache.
_LEAST_CHANNELS = 32
_LEAST_TILES = 32
_FEW_TILES = range(8, 145)
_FLOAT32 = np.dtype(np.float32)


class Geometry:
    """How the windows of one layer lie over its pictures.

    Args:
        ksize, stride, pad, dilate (tuple of int): (vertical, horizontal) each.
        groups (int): Groups of channels that do not see each other.
    """

    def __init__(self, ksize, stride, pad, dilate, groups):
        self.ksize, self.stride, self.pad, self.dilate = ksize, stride, pad, dilate
        self.groups = groups

    def is_k4_s2_p1(self):
        """Return whether minimal filtering knows this layer."""
        fields = (self.ksize, self.stride, self.pad, self.dilate, self.groups)
        return fields == ((4, 4), (2, 2), (1, 1), (1, 1), 1)

    def with_arrays(self, big, small):
        """Return the array that ``native/direct.h`` reads, for one group's pictures."""
        (n, B, H, W), (_, S, h, w) = big.shape, small.shape
        windows = (*self.ksize, *self.stride, *self.pad, *self.dilate)
        # Not from the strides: NumPy gives any to an axis of length 1.
        steps = (B * self.groups, S * self.groups)
        return np.array([n, B, S, H, W, h, w, *windows, *steps], np.int64)


def convolve(x, W, b, out_size, geometry):
    """Compute the smaller picture.

    Args:
        x, W, b (numpy.ndarray): (N, C, H, W), (S, C // groups, kh, kw), and (S,) or None.
        out_size (tuple of int): (h, w).
        geometry (Geometry): Of the layer.

    Returns:
        numpy.ndarray: (N, S, h, w) of x's dtype; None where there is no fast path.
    """
    kernels, dtype = _kernels_for(x, W, b)
    if kernels is None or 0 in (*x.shape, *W.shape, *out_size):
        return None
    W, b = _dense(W, dtype), _dense(b, dtype)
    y = _empty((len(x), len(W), *out_size), dtype)
    big = _channels_last(kernels, x, dtype)
    if _filtering_pays(geometry, big, y):
        kernels.winograd_convolution(big, W, b, y, *_sizes(big, y))
    else:
        for bigs, smalls, part in _groups(geometry, big, y):
            numbers = geometry.with_arrays(bigs, smalls)
            kernels.direct_convolution(
                numbers, bigs, W[part], None if b is None else b[part], smalls
            )
    return y.astype(x.dtype, copy=False)


def deconvolve(x, W, b, out_size, geometry, finish=(None, 0, 0.0)):
    """Compute the bigger picture.

    Args:
        x, W, b (numpy.ndarray): (N, S, h, w), (S, C // groups, kh, kw), and (C,) or None.
        out_size (tuple of int): (H, W).
        geometry (Geometry): Of the layer.
        finish (tuple): What follows in the same pass, for one group of channels: an array (3, C) of
            the type computed in, whose rows are mean, scale and shift of a batch normalisation, or
            None; then kind and slope as for :func:`illust_gan.functions.activation.activate`.

    Returns:
        numpy.ndarray: (N, C, H, W) of x's dtype; None where there is no fast path.
    """
    kernels, dtype = _kernels_for(x, W, b)
    if kernels is None or 0 in (*x.shape, *W.shape, *out_size):
        return None
    W, b = _dense(W, dtype), _dense(b, dtype)
    y = _empty((len(x), W.shape[1] * geometry.groups, *out_size), dtype)
    small = _channels_last(kernels, x, dtype)
    reached = out_size[0] <= 2 * x.shape[2] and out_size[1] <= 2 * x.shape[3]
    if reached and _filtering_pays(geometry, y, small, _FEW_TILES.start):
        few = _tiles(small) in _FEW_TILES
        filtering = kernels.winograd_few_deconvolution if few else kernels.winograd_deconvolution
        filtering(small, W, b, y, *_sizes(y, small), *finish)
    else:
        for bigs, smalls, part in _groups(geometry, y, small):
            size = bigs.shape[1]
            first = part.start // smalls.shape[1] * size
            bias = None if b is None else b[first : first + size]
            numbers = geometry.with_arrays(bigs, smalls)
            kernels.direct_deconvolution(numbers, smalls, W[part], bias, bigs, *finish)
    return y.astype(x.dtype, copy=False)


def gradient_of_weights(big, small, W_dtype, geometry):
    """Compute the gradient of the weights.

    Args:
        big (numpy.ndarray): (N, C, H, W).
        small (numpy.ndarray): (N, S, h, w); one of both is a gradient.
        W_dtype (numpy.dtype): Of the result.
        geometry (Geometry): Of the layer.

    Returns:
        numpy.ndarray: (S, C // groups, kh, kw); None where there is no fast path.
    """
    kernels, dtype = _kernels_for(big, small)
    if kernels is None or 0 in (*big.shape, *small.shape):
        return None
    gW = empty((small.shape[1], big.shape[1] // geometry.groups, *geometry.ksize), dtype)
    big, small = (_channels_last(kernels, array, dtype) for array in (big, small))
    fitting = big.shape[1] % 64 == 0 and small.shape[1] % 32 == 0
    if fitting and _filtering_pays(geometry, big, small, least_tiles=1):
        kernels.winograd_gradient(big, small, gW, *_sizes(big, small))
    else:
        for bigs, smalls, part in _groups(geometry, big, small):
            numbers = geometry.with_arrays(bigs, smalls)
            kernels.direct_gradient(numbers, bigs, smalls, gW[part])
    return gW.astype(W_dtype, copy=False)


def _kernels_for(*arrays):
    dtype = _FLOAT32
    for array in arrays:
        if array is None:
            continue
        # ndarray's subclasses may hold their numbers in other ways, as iDeep's mdarray does.
        if type(array) is not np.ndarray or array.dtype.kind != "f":
            return None, None
        if array.dtype != dtype:
            dtype = np.result_type(dtype, array)
    return fast_kernels(dtype, config.precision), dtype


def _filtering_pays(geometry, big, small, least_tiles=_LEAST_TILES):
    channels = (big.shape[1], small.shape[1])
    return (
        geometry.is_k4_s2_p1()
        and min(channels) >= _LEAST_CHANNELS
        and channels[0] % 16 == channels[1] % 16 == 0
        and _tiles(small) >= least_tiles
    )


def _tiles(small):
    n, _, h, w = small.shape
    return n * -(-h // 2) * -(-w // 2)


def _empty(shape, dtype):
    n, c, h, w = shape
    return empty((n, h, w, c), dtype).transpose(0, 3, 1, 2)


def _channels_last(kernels, array, dtype):
    """Return the same array (N, C, H, W) of another type, dense and channels-last in memory."""
    array = array.astype(dtype, copy=False)
    if _is_dense(array.transpose(0, 2, 3, 1)):
        return array
    out = _empty(array.shape, dtype)
    n, c, h, w = array.shape
    if _is_dense(array):
        kernels.to_channels_last(array, out, n, c, h * w)
    else:
        out[...] = array
    return out


def _is_dense(array):
    return array.flags.c_contiguous and array.flags.aligned


def _sizes(big, small):
    n, B, H, W = big.shape
    return (n, H, W, *small.shape[2:], B, small.shape[1])


def _dense(array, dtype):
    return None if array is None else np.ascontiguousarray(array, dtype)


def _groups(geometry, big, small):
    """Yield each group's channels of both pictures, and the rows of W between them."""
    B, S = (array.shape[1] // geometry.groups for array in (big, small))
    for g in range(geometry.groups):
        part = slice(g * S, (g + 1) * S)
        yield big[:, g * B : (g + 1) * B], small[:, part], part
