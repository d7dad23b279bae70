"""Reading and writing parts of device arrays."""

import numpy as np

from cupy import _dispatch, _stream
from cupy._array import ndarray


def _strip_index(index, found):
    """Return an index for NumPy; CuPy takes NumPy's arrays as indices too."""
    if isinstance(index, tuple):
        return tuple([_strip_index(part, found) for part in index])
    if isinstance(index, np.ndarray):
        _stream.refuse_in_capture("H2D transfers")
        return index
    return _dispatch.strip(index, found)


def _has_mask(index):
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray) and part.dtype == bool for part in parts)


def _harmless(index):
    """Return an index of the same shape, where numbers may not have been computed yet."""
    if _stream.is_done_at_once() or _has_mask(index):
        return index
    if isinstance(index, tuple):
        return tuple([_harmless(part) for part in index])
    return np.zeros_like(index) if isinstance(index, np.ndarray) else index


def getitem(self, index):
    """Return a view of some elements, or a copy where arrays choose them."""
    found = [self]
    plain = _strip_index(index, found)
    if _has_mask(plain):
        _stream.wait_for_results()  # the mask's sum is the shape
    result = self._view[_harmless(plain)]
    if isinstance(result, np.generic):
        parts = plain if isinstance(plain, tuple) else (plain,)
        if not any(isinstance(part, np.ndarray) for part in parts):
            result = self._view[(*parts, ...)]
    owner = _dispatch._owner(result, [self]) if isinstance(result, np.ndarray) else None
    if owner is not None or result.size == 0:
        return ndarray._wrap(result, self._mem)
    taken = ndarray._new(result.shape, result.dtype)

    view, target = self._view, taken._view

    def take():
        target[...] = view[plain]

    _dispatch.run(take, [*found, taken])
    return taken


def setitem(self, index, value):
    """Write some elements."""
    found = [self]
    plain = _strip_index(index, found)
    new = _dispatch.strip(value, found)
    view = self._view
    if not isinstance(value, (ndarray, np.generic, bool, int, float, complex)):
        raise TypeError(f"Unsupported type {type(value)}")
    if not _has_mask(plain):
        np.broadcast_to(
            new, np.shape(view[_harmless(plain)])
        )  # raises also where work is only recorded

    def put():
        with np.errstate(all="ignore"):
            view[plain] = new

    _dispatch.run(put, found)


ndarray.__getitem__ = getitem
ndarray.__setitem__ = setitem
