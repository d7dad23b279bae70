"""CuPy, emulated on the CPU: for rehearsing the project's GPU code where there is no GPU.

It proves nothing about speed or about NVIDIA's software. See the README beside this package.
"""

from cupy import _functions, _indexing, _memory, _methods, cuda, random, testing
from cupy._array import ndarray
from cupy._creation import (
    arange,
    array,
    asarray,
    ascontiguousarray,
    asnumpy,
    copy,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    get_array_module,
    identity,
    linspace,
    ones,
    ones_like,
    tri,
    zeros,
    zeros_like,
)
from cupy._elementwise import ElementwiseKernel
from cupy._functions import copyto, ufunc
from cupy._memoize import clear_memo, fuse, memoize
from cupy._raw import RawKernel, RawModule
from cupy._reduction import ReductionKernel

__version__ = "14.2.0+emulated"
asanyarray = asarray


def get_default_memory_pool():
    """Return the pool that arrays lie in by default."""
    return _memory.default_pool


def get_default_pinned_memory_pool():
    """Return the pool that pinned memory comes from."""
    return cuda.pinned_memory.default_pool


def is_available():
    """Tell whether there is a device."""
    return True


def __getattr__(name):
    value = _functions.find(name)
    globals()[name] = value
    return value
