"""In which order the numbers of arrays lie in memory, for kernels that treat each number alike."""

import numpy as np


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
    first = arrays[0]
    # ndarray's subclasses may hold their numbers in other ways, as iDeep's mdarray does.
    if not all(
        type(array) is np.ndarray and array.shape == first.shape and array.flags.aligned
        for array in arrays
    ):
        return False
    if all(array.flags.c_contiguous for array in arrays):
        return True
    axes = sorted(range(first.ndim), key=lambda axis: -first.strides[axis])
    return all(array.transpose(axes).flags.c_contiguous for array in arrays)


def in_order_of(first, array):
    """Return an array with its numbers in the order of another's, as a copy only if need be.

    Args:
        first (numpy.ndarray): Dense.
        array (numpy.ndarray): Of the same shape, of any type.

    Returns:
        numpy.ndarray: ``array``, or its copy, in the order of ``first``.
    """
    if same_order(first, array):
        return array
    copy = np.empty_like(first, dtype=array.dtype)
    copy[...] = array
    return copy
