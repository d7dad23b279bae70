"""Calling NumPy's functions on device arrays, so that their results lie in device memory."""

import numpy as np

from cupy import _stream


def strip(value, found):
    """Return an argument with NumPy's views in place of device arrays.

    Args:
        value: An argument, also a list or tuple of such.
        found (list): Receives the device arrays.

    Raises:
        TypeError: There is an array of NumPy's in it.
    """
    from cupy._array import ndarray

    if isinstance(value, ndarray):
        found.append(value)
        return value._view
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, (list, tuple)):
        return type(value)([strip(part, found) for part in value])
    return value


def call(function, args, kwargs=None, keep_layout=False):
    """Return what a function of NumPy's gives for device arrays, as device arrays.

    Views stay views. What is new is C-contiguous, as CuPy's own results are, also where NumPy
    would keep the order of the inputs' strides.

    Args:
        function (callable): Of NumPy arrays; does not change them.
        args, kwargs: Its arguments; ``out`` may be among them.
        keep_layout (bool): Whether the result has its strides from NumPy.
    """
    found, kwargs = [], dict(kwargs or {})
    outs = kwargs.pop("out", None)
    outs = outs if isinstance(outs, tuple) else (outs,)
    plain = strip(tuple(args), found)
    named = {name: strip(value, found) for name, value in kwargs.items()}

    def compute():
        with np.errstate(all="ignore"):
            result = function(*plain, **named)
        return result if isinstance(result, (tuple, list)) else (result,)

    results = compute()
    targets = [
        _target(result, out, found, keep_layout)
        for result, out in zip(results, outs + (None,) * len(results))
    ]
    new = [(i, array) for i, (array, is_new) in enumerate(targets) if is_new]
    # Of the arrays themselves a recording must hold none: a graph keeps no memory alive.
    views = [(i, array._view) for i, array in new]

    def store(results):
        for i, view in views:
            np.copyto(view, results[i], casting="unsafe")

    touched = [*found, *[array for _, array in new]]
    if new and _stream.is_done_at_once():
        run(lambda: store(results), touched)
    elif new:
        run(lambda: store(compute()), touched)
    # A single array, or what NumPy gave several of: a list or a tuple.
    with_several = len(results) != 1 or function in (np.split, np.array_split, np.nonzero)
    arrays = [array for array, _ in targets]
    return type(results)(arrays) if with_several else arrays[0]


def run(work, arrays):
    """Do or record some work that touches device arrays."""
    _stream.submit(work, [array._mem.buffer for array in arrays])


def _target(result, out, found, keep_layout):
    """Return where a result goes, and whether it must be copied there."""
    from cupy._array import ndarray

    if out is not None:
        if not isinstance(out, ndarray):
            raise TypeError("Output arguments type must be cupy.ndarray")
        if out.shape != np.shape(result):
            raise ValueError("Out shape is mismatched")
        if not np.can_cast(np.asarray(result).dtype, out.dtype, "same_kind"):
            raise TypeError(f"output operand cannot be cast to {out.dtype}")
        return out, True
    if isinstance(result, np.generic):
        result = np.asarray(result)
    if not isinstance(result, np.ndarray):
        return result, False
    for array in found:
        if result is array._view:
            return array, False
    owner = _owner(result, found)
    if owner is not None:
        return ndarray._wrap(result, owner._mem), False
    strides = result.strides if keep_layout else None
    return ndarray._new(result.shape, result.dtype, strides), True


def _owner(result, found):
    """Return the array in whose memory a result lies, None where it is new."""
    if result.base is None:
        return None
    address = result.__array_interface__["data"][0]
    for array in found:
        buffer = array._mem.buffer
        if buffer and buffer.ptr <= address < buffer.ptr + buffer.size:
            return array
    return None
