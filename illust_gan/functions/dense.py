"""Arrays without gaps, which kernels read as one run of numbers in whatever order they lie."""

import functools

import numpy as np

from illust_gan.functions.switch import fast_kernels


def kernels_for(*arrays):
    """Return the kernels for some arrays.

    Args:
        arrays: Of any kind.

    Returns:
        illust_gan.functions.library.Kernels: Those of their type; None if they are not all plain
        :class:`numpy.ndarray` of one type, or where no fast path is to be taken.
    """
    dtype = getattr(arrays[0], "dtype", None)
    for array in arrays:
        # Subclasses of ndarray may hold their numbers in other ways, as iDeep's mdarray does.
        if type(array) is not np.ndarray or array.dtype != dtype:
            return None
    return fast_kernels(dtype)


def is_dense(array):
    """Return whether an array fills its memory without gaps, in the order of some of its axes.

    Args:
        array (numpy.ndarray): Of any shape.

    Returns:
        bool: Whether ``np.empty_like(array)`` lies as it does.

    Example:
        >>> x = np.zeros((2, 4, 4, 3), np.float32)
        >>> is_dense(x.transpose(0, 3, 1, 2)), is_dense(x[:, ::2])
        (True, False)
    """
    return array.flags.aligned and is_gap_free(array.shape, array.strides, array.itemsize)


# Nets have few shapes, and ask for each of them at every iteration.
@functools.lru_cache(1024)
def is_gap_free(shape, strides, itemsize):
    """Return whether aligned arrays of this shape and these steps are dense."""
    gap_free = itemsize
    for stride, n in sorted(pair for pair in zip(strides, shape) if pair[1] > 1):
        if stride != gap_free:
            return False
        gap_free *= n
    return True


def same_order(*arrays):
    """Return whether arrays hold their numbers in one order, without gaps.

    Args:
        arrays (numpy.ndarray): Any, of any types.

    Returns:
        bool: True if all have one shape and are dense, with their axes in the same order in
        memory, whichever it is; so a kernel may walk through all of them at once.

    Example:
        >>> x = np.zeros((2, 3, 4, 4), np.float32)
        >>> y = np.zeros((2, 4, 4, 3), np.float32).transpose(0, 3, 1, 2)
        >>> same_order(x, x.copy()), same_order(y, np.empty_like(y)), same_order(x, y)
        (True, True, False)
    """
    # Subclasses of ndarray may hold their numbers in other ways, as iDeep's mdarray does.
    return all(
        type(array) is np.ndarray and array.shape == arrays[0].shape and is_dense(array)
        for array in arrays
    ) and all(_steps_agree(arrays[0], array) for array in arrays[1:])


def in_order_of(other, array):
    """Return an array with its numbers in the order of another's.

    Args:
        other (numpy.ndarray): Dense.
        array (numpy.ndarray): Of its shape or one that can be broadcast to it, and of any type.

    Returns:
        numpy.ndarray: ``array`` itself if it lies so already, and else a copy.
    """
    # Chainer takes gradients of fewer numbers, as NumPy does; kernels would read beyond them.
    if array.shape == other.shape and is_dense(array) and _steps_agree(other, array):
        return array
    copy = np.empty_like(other, dtype=array.dtype)
    copy[...] = array
    return copy


def _steps_agree(a, b):
    """Whether two arrays of one shape step alike through their axes, counted in numbers."""
    steps = zip(a.shape, a.strides, b.strides)
    return all(n <= 1 or p // a.itemsize == q // b.itemsize for n, p, q in steps)
