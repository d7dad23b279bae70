"""The parameters of kernels of elements: their declarations, their types, and their arguments."""

import ctypes
import dataclasses

import numpy as np

from cupy._array import ndarray

C_TYPES = {
    "float64": "double",
    "float32": "float",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "int64": "long long",
    "int32": "int",
    "int16": "short",
    "int8": "signed char",
    "uint64": "unsigned long long",
    "uint32": "unsigned int",
    "uint16": "unsigned short",
    "uint8": "unsigned char",
    "bool": "bool",
}


class Described(ctypes.Structure):
    """``emulated::array`` of ``include/arrays.h``."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("ndim", ctypes.c_longlong),
        ("size", ctypes.c_longlong),
        ("shape", ctypes.c_longlong * 16),
        ("strides", ctypes.c_longlong * 16),
    )


def describe(view):
    """Return a NumPy array as the kernels see it."""
    address = view.__array_interface__["data"][0]
    shape, strides = (ctypes.c_longlong * 16)(*view.shape), (ctypes.c_longlong * 16)(*view.strides)
    return Described(address, view.ndim, view.size, shape, strides)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name (str): Its name.
        kind (str): The name of a dtype, or of a type that the arguments decide, such as ``T``.
        raw (bool): Whether the kernel indexes it itself.
    """

    name: str
    kind: str
    raw: bool


def parse(text):
    """Return the :class:`Parameter` objects of a declaration such as ``"T x, raw int32 y"``."""
    parameters = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        *words, kind, name = part.split()
        parameters.append(Parameter(name, kind, "raw" in words))
    return parameters


def is_fixed(kind):
    """Tell whether a type is a dtype's name, and not one such as ``T``."""
    return kind in C_TYPES or kind in ("float", "int", "uint")


def decide_types(parameters, args):
    """Return the dtypes of types such as ``T``.

    Args:
        parameters (list of Parameter): The parameters.
        args (list): An array, a scalar or None for each of them.

    Raises:
        TypeError: Two arrays disagree, or an array is not of the dtype its parameter names.
    """
    types = {}
    for of_arrays in (True, False):
        for parameter, arg in zip(parameters, args):
            if arg is None or isinstance(arg, ndarray) != of_arrays:
                continue
            dtype = arg.dtype if of_arrays else np.asarray(arg).dtype
            if is_fixed(parameter.kind):
                wanted = np.dtype(parameter.kind)
            else:
                wanted = types.setdefault(parameter.kind, dtype)
            if of_arrays and dtype != wanted:
                raise TypeError(
                    f"Type is mismatched. {parameter.name} {dtype} {wanted} {parameter.kind}"
                )
    return types


def dtype_of(parameter, types):
    """Return a parameter's dtype."""
    if is_fixed(parameter.kind):
        return np.dtype(parameter.kind)
    if parameter.kind not in types:
        raise ValueError(f"Bad type: {parameter.kind} of {parameter.name}")
    return types[parameter.kind]


def c_type(dtype):
    """Return what C++ calls a dtype."""
    return C_TYPES[str(np.dtype(dtype))]


def check_arguments(args):
    """Raise for what is neither a device array nor a scalar."""
    for arg in args:
        if not isinstance(arg, (ndarray, np.generic, bool, int, float, complex)):
            raise TypeError(f"Unsupported type {type(arg)}")
