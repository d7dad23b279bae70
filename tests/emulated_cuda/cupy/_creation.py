"""New device arrays: filled by the device, or copied from the host."""

import numpy as np

from cupy import _dispatch, _stream
from cupy._array import ndarray


def _filled(shape, dtype, order, value):
    new = ndarray(shape, dtype, order=order)
    new.fill(value)
    return new


def empty(shape, dtype=float, order="C"):
    """Return an array full of poison."""
    return ndarray(shape, dtype, order=order)


def zeros(shape, dtype=float, order="C"):
    """Return an array of zeros."""
    return _filled(shape, dtype, order, 0)


def ones(shape, dtype=float, order="C"):
    """Return an array of ones."""
    return _filled(shape, dtype, order, 1)


def full(shape, fill_value, dtype=None, order="C"):
    """Return an array of one value, which may lie on the device."""
    if dtype is None:
        dtype = fill_value.dtype if hasattr(fill_value, "dtype") else np.asarray(fill_value).dtype
    return _filled(shape, dtype, order, fill_value)


def empty_like(prototype, dtype=None, order="K", subok=None, shape=None):
    """Return an array of poison, as another in shape, dtype and order of strides."""
    if not isinstance(prototype, ndarray):
        prototype = array(prototype)
    like = np.empty_like(prototype._view, dtype=dtype, order=order, shape=shape)
    return ndarray(like.shape, like.dtype, strides=like.strides)


def zeros_like(a, dtype=None, order="K", subok=None, shape=None):
    """Return zeros, as another array in shape, dtype and order of strides."""
    return full_like(a, 0, dtype, order, subok, shape)


def ones_like(a, dtype=None, order="K", subok=None, shape=None):
    """Return ones, as another array in shape, dtype and order of strides."""
    return full_like(a, 1, dtype, order, subok, shape)


def full_like(a, fill_value, dtype=None, order="K", subok=None, shape=None):
    """Return one value, as another array in shape, dtype and order of strides."""
    new = empty_like(a, dtype, order, subok, shape)
    new.fill(fill_value)
    return new


def _by_kernel(function):
    def create(*args, **kwargs):
        result = function(*args, **kwargs)
        new = ndarray._new(result.shape, result.dtype)
        view = new._view
        _dispatch.run(lambda: np.copyto(view, result), [new])
        return new

    create.__name__, create.__doc__ = function.__name__, function.__doc__
    return create


arange, eye, identity, linspace, tri = map(
    _by_kernel, (np.arange, np.eye, np.identity, np.linspace, np.tri)
)


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    """Return an array from anything that NumPy makes an array of, and from device arrays."""
    if isinstance(obj, ndarray):
        if not copy and (dtype is None or obj.dtype == dtype) and order in (None, "K", "A"):
            return obj
        result = obj.astype(obj.dtype if dtype is None else dtype, order=order or "K", copy=copy)
        return result.reshape((1,) * (ndmin - result.ndim) + result.shape)
    if _has_device_array(obj):
        return _dispatch.call(np.array, (obj,), {"dtype": dtype, "ndmin": ndmin})
    host = np.array(obj, dtype=dtype, copy=None, order=order or "K", ndmin=ndmin)
    if not (host.flags.c_contiguous or host.flags.f_contiguous):
        host = np.array(host, order="C")  # as CuPy: other orders of strides are lost
    new = ndarray(host.shape, host.dtype, strides=host.strides)
    if new.size:
        _stream.refuse_in_capture("H2D transfers")
        new.set(host)
    return new


def _has_device_array(obj):
    return isinstance(obj, (list, tuple)) and any(
        isinstance(part, ndarray) or _has_device_array(part) for part in obj
    )


def asarray(a, dtype=None, order=None, *, blocking=False):
    """Return an array on the device, the same if it is one already."""
    return array(a, dtype, copy=False, order=order)


def ascontiguousarray(a, dtype=None):
    """Return a C-contiguous array on the device."""
    a = array(a, dtype, copy=False, order="C")
    return a.reshape(1) if a.ndim == 0 else a


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """Return an array on the host."""
    if isinstance(a, ndarray):
        return a.get(stream, order, out, blocking)
    return np.asarray(a, order=order)


def copy(a, order="K"):
    """Return a copy."""
    return array(a).copy(order) if not isinstance(a, ndarray) else a.copy(order)


def get_array_module(*args):
    """Return this module if one of the arguments is a device array, else NumPy."""
    import cupy

    return cupy if any(isinstance(arg, ndarray) for arg in args) else np
