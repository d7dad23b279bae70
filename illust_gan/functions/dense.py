"""Arrays without gaps, which kernels read as one run of numbers in whatever order they lie."""

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
    # Subclasses of ndarray may hold their numbers in other ways, as iDeep's mdarray does.
    if any(type(array) is not np.ndarray or array.dtype != arrays[0].dtype for array in arrays):
        return None
    return fast_kernels(arrays[0].dtype)


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
    if not array.flags.aligned:
        return False
    gap_free = array.itemsize
    axes = [i for i in range(array.ndim) if array.shape[i] > 1]
    for i in sorted(axes, key=lambda i: array.strides[i]):
        if array.strides[i] != gap_free:
            return False
        gap_free *= array.shape[i]
    return True


def in_order_of(other, array):
    """Return an array with its numbers in the order of another's.

    Args:
        other (numpy.ndarray): Dense.
        array (numpy.ndarray): Of its shape, or one that can be broadcast to it.

    Returns:
        numpy.ndarray: ``array`` itself if it lies so already, and else a copy.
    """
    steps = zip(array.shape, array.strides, other.strides)
    lies_so = array.shape == other.shape and all(n <= 1 or a == b for n, a, b in steps)
    if lies_so and array.flags.aligned:
        return array
    copy = np.empty_like(other)
    copy[...] = array
    return copy
