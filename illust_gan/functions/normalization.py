"""Batch normalisation of arrays by compiled kernels."""

import functools
import math

import numpy as np

from illust_gan.functions.activation import IDENTITY
from illust_gan.functions.dense import is_gap_free
from illust_gan.functions.recycling import empty_like


def block_shape(x, axis):
    """Return how the channels of an array lie in memory.

    Args:
        x (numpy.ndarray): Of any shape.
        axis (tuple of int): The axes that are summed over; the others are channels.

    Returns:
        tuple of int: (outer, channels, inner) of an array of three axes with the same memory, whose
        channels are in the order of ``x``'s; None if there is no such array, or nothing in it.

    Example:
        >>> x = np.zeros((2, 3, 4, 5), np.float32)
        >>> block_shape(x, (0, 2, 3)), block_shape(x.transpose(0, 3, 1, 2), (0, 2, 3))
        ((2, 3, 20), (24, 5, 1))
        >>> block_shape(x, (0, 1, 3)) is None, block_shape(x, (1, 3)) is None
        (False, True)
    """
    if not x.flags.aligned:
        return None
    return _block_shape(x.shape, x.strides, x.itemsize, tuple(axis))


# Nets have few shapes, and ask for each of them at every iteration.
@functools.lru_cache(1024)
def _block_shape(shape, strides, itemsize, axis):
    if 0 in shape or any(i < 0 for i in axis) or not is_gap_free(shape, strides, itemsize):
        return None
    order = sorted((i for i in range(len(shape)) if shape[i] > 1), key=lambda i: -strides[i])
    is_channel = [i not in axis for i in order]
    channels = [i for i in order if i not in axis]
    first = is_channel.index(True) if channels else 0
    if channels != sorted(channels) or not all(is_channel[first : first + len(channels)]):
        return None
    sizes = [shape[i] for i in order]
    parts = (sizes[:first], sizes[first : first + len(channels)], sizes[first + len(channels) :])
    return tuple(math.prod(part) for part in parts)


class Normalization:
    """Normalises each channel by (x - mean)·scale + shift.

    Args:
        kernels (illust_gan.functions.library.Kernels): Of the arrays' type.
        shape (tuple of int): See :func:`block_shape`.
        mean, scale, shift (numpy.ndarray): One number for each channel.
    """

    def __init__(self, kernels, shape, mean, scale, shift):
        self.kernels = kernels
        self.shape = shape
        # Gamma, beta and running statistics change in place, and this may be used later.
        self.channels = [np.array(array, mean.dtype, order="C") for array in (mean, scale, shift)]

    def apply(self, x, kind=IDENTITY, slope=0.0):
        """Normalise, with an activation function after it.

        Args:
            x (numpy.ndarray): Dense.
            kind, slope: As for :func:`illust_gan.functions.activation.activate`.

        Returns:
            numpy.ndarray: Like ``x``, also in memory.
        """
        y = empty_like(x)
        self.kernels.batch_normalize(x, y, *self.shape, *self.channels, kind, float(slope))
        return y

    def gradient_sums(self, x, gy, y, kind, slope):
        """Sum the gradient g of what lies between normalisation and activation.

        Args:
            x (numpy.ndarray): Dense.
            gy (numpy.ndarray): Gradient of the activation's output, in memory like ``x``.
            y (numpy.ndarray): The output, in memory like ``x``. Only ELU needs it.
            kind, slope: As above.

        Returns:
            tuple of numpy.ndarray: Σ g and Σ g·(x - mean) of each channel.
        """
        sums = np.empty_like(self.channels[0]), np.empty_like(self.channels[0])
        self.kernels.batch_gradient_sums(
            x, gy, y, *self.shape, *self.channels, kind, float(slope), *sums
        )
        return sums

    def gradient(self, x, gy, y, kind, slope, *coefficients):
        """Compute a gradient of x.

        Args:
            x, gy, y, kind, slope: As above.
            coefficients (numpy.ndarray): a, b and c, one number of each for each channel.

        Returns:
            numpy.ndarray: a·(g - ((x - mean)·b + c)), in memory like ``x``.
        """
        gx = empty_like(x)
        self.kernels.batch_gradient(
            x, gy, y, gx, *self.shape, *self.channels, kind, float(slope), *coefficients
        )
        return gx


def statistics(kernels, x, shape, channel_shape):
    """Return mean and variance of each channel, as exact as their type can tell them.

    Args:
        kernels, shape: As for :class:`Normalization`.
        x (numpy.ndarray): Dense.
        channel_shape (tuple of int): Shape of gamma.

    Returns:
        tuple of numpy.ndarray: Mean, and variance divided by the number of values.
    """
    mean, var = np.empty(channel_shape, x.dtype), np.empty(channel_shape, x.dtype)
    kernels.batch_statistics(x, *shape, mean, var)
    return mean, var
