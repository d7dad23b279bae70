"""``RawKernel`` and ``RawModule``: kernels in CUDA C++, called with strictly checked arguments."""

import ctypes
import functools
import weakref

import numpy as np

from cupy import _buffer, _memory, _stream
from cupy._array import ndarray
from cupy._compiler import CompileError, compile_library
from cupy._errors import CUDADriverError

_LAUNCHER = """
extern "C" const char *emulated_launch(const long long *sizes, void **values, bool waits)
{{
    return emulated::launch(&{name}, sizes, values, waits);
}}
extern "C" int emulated_describe(long long *sizes, char *kinds, long long *pointees)
{{
    return emulated::describe(&{name}, sizes, kinds, pointees);
}}
"""
_MOST = 128  # parameters


def _options(options):
    """Return g++'s options for NVRTC's."""
    kept = []
    for option in options:
        if option.startswith(("-D", "-U", "-I", "--define-macro=")):
            kept.append(option.replace("--define-macro=", "-D"))
        elif not option.startswith(("-std=", "--std=", "--use_fast_math", "-use_fast_math")):
            raise CompileError(f"nvrtc: error: unrecognized option {option}")
    return tuple(kept)


@functools.cache
def _compiled(code, name, options):
    """Return one kernel's launcher and its parameters as (size, kind, size pointed to)."""
    # Unnamed, so that nothing is shared with what another source calls by the same name.
    source = f'#include "builtins.h"\n#include "launch.h"\nnamespace {{\n#line 1\n{code}\n}}\n'
    library = compile_library(source + _LAUNCHER.format(name=name), _options(options), checked=True)
    launcher = library.emulated_launch
    launcher.restype = ctypes.c_char_p
    sizes, pointees = (ctypes.c_longlong * _MOST)(), (ctypes.c_longlong * _MOST)()
    kinds = ctypes.create_string_buffer(_MOST)
    n = library.emulated_describe(sizes, kinds, pointees)
    return launcher, [(sizes[i], kinds.raw[i : i + 1].decode(), pointees[i]) for i in range(n)]


def _bytes(value, size, kind, pointee):
    """Return the bytes of one argument, and the memory it points to if it does."""
    if value is None:
        value = np.uintp(0)
    if isinstance(value, ndarray):
        if kind != "p":
            raise TypeError("an array, where the kernel has no pointer")
        if pointee % value.itemsize:
            raise TypeError(f"an array of {value.dtype}, where a number has {pointee} bytes")
        return np.uintp(value.data.ptr).tobytes(), value._mem.buffer
    if isinstance(value, _memory.MemoryPointer):
        if kind != "p":
            raise TypeError("a pointer, where the kernel has none")
        return np.uintp(value.ptr).tobytes(), value.mem.buffer
    if isinstance(value, np.ndarray):
        if value.size != 1:
            raise TypeError(
                f"You are trying to pass a numpy.ndarray of shape {value.shape} as a kernel "
                "parameter. Only numpy.ndarrays of size one can be passed by value."
            )
    elif isinstance(value, (bool, int, float, complex)):
        value = np.asarray(value)
    elif not isinstance(value, np.generic):
        raise TypeError(f"Unsupported type {type(value)}")
    given = "f" if value.dtype.kind == "f" else "i" if value.dtype.kind in "biu" else "s"
    if value.dtype.itemsize != size:
        raise TypeError(f"{value.dtype} has {value.dtype.itemsize} bytes, the parameter {size}")
    if kind == "p":
        if given != "i":
            raise TypeError(f"{value.dtype}, where the kernel has a pointer")
        ptr = int(value)
        buffer = _buffer.find(ptr) if ptr else None
        if ptr and buffer is None:
            raise CUDADriverError(f"CUDA_ERROR_ILLEGAL_ADDRESS: {ptr:#x} is not in device memory")
        return value.tobytes(), buffer
    if given != kind and kind != "s":
        raise TypeError(f"{value.dtype}, where the kernel has another kind of number")
    return value.tobytes(), None


def _sizes(grid, block):
    grid, block = [[max(1, int(n)) for n in (*sizes, 1, 1)[:3]] for sizes in (grid, block)]
    if int(np.prod(block)) > 1024 or block[2] > 64:
        raise CUDADriverError(f"CUDA_ERROR_INVALID_VALUE: a block of {block} threads")
    if grid[0] >= 2**31 or max(grid[1:]) >= 2**16:
        raise CUDADriverError(f"CUDA_ERROR_INVALID_VALUE: a grid of {grid} blocks")
    return (ctypes.c_longlong * 6)(*grid, *block)


class RawKernel:
    """A kernel of a source.

    Args:
        code (str): CUDA C++.
        name (str): An ``extern "C" __global__`` function in it.
        options (tuple of str): NVRTC's options, such as ``-DX=float``.
        backend (str): Ignored.
    """

    def __init__(self, code, name, options=(), backend="nvrtc", **more):
        if not isinstance(options, tuple):
            raise TypeError("options must be a tuple")
        self.code, self.name, self.options = code, name, options
        self.__name__ = name
        self.attributes = {"max_threads_per_block": 1024, "shared_size_bytes": 0}
        self.max_threads_per_block = 1024

    def compile(self, log_stream=None):
        """Compile it now."""
        _compiled(self.code, self.name, self.options)

    def __call__(self, grid, block, args, *, shared_mem=0):
        """Run it, or record that while the stream captures.

        Raises:
            TypeError: An argument is none for its parameter.
            OutOfBoundsError: It wrote outside of the memory its arguments point to.
        """
        if not (isinstance(grid, tuple) and isinstance(block, tuple)):
            raise TypeError("grid and block must be tuples")
        if shared_mem:
            raise NotImplementedError("dynamic shared memory is not emulated")
        launcher, parameters = _compiled(self.code, self.name, self.options)
        if len(args) != len(parameters):
            raise TypeError(f"{self.name} has {len(parameters)} parameters, not {len(args)}")
        values, buffers = [], []
        for i, (value, parameter) in enumerate(zip(args, parameters)):
            try:
                value, buffer = _bytes(value, *parameter)
            except TypeError as error:
                raise TypeError(f"argument {i} of {self.name}: {error}") from None
            values.append(ctypes.create_string_buffer(value, len(value)))
            buffers.append(buffer)
        pointers = (ctypes.c_void_p * max(1, len(values)))(*map(ctypes.addressof, values))
        alive = [weakref.ref(buffer) for buffer in buffers if buffer is not None]
        waits = "__syncthreads" in self.code
        launch = (self.name, launcher, _sizes(grid, block), pointers, waits, values, alive)
        _stream.submit(functools.partial(_run, *launch), buffers)


def _run(name, launcher, sizes, pointers, waits, values, alive):
    """Run a kernel; `values` is the memory that `pointers` points to."""
    error = launcher(sizes, pointers, waits)
    if error:
        raise RuntimeError(f"{name}: {error.decode()}")
    for buffer in filter(None, (buffer() for buffer in alive)):
        buffer.check(name)


class RawModule:
    """A source with several kernels.

    Args:
        code (str): CUDA C++.
        options (tuple of str): As :class:`RawKernel`.
    """

    def __init__(self, code=None, *, path=None, options=(), backend="nvrtc", **more):
        if code is None:
            raise NotImplementedError("only sources are emulated")
        if not isinstance(options, tuple):
            raise TypeError("options must be a tuple")
        self.code, self.options = code, options

    def compile(self, log_stream=None):
        """Do nothing yet: a kernel is compiled when it is called."""

    def get_function(self, name):
        """Return one :class:`RawKernel`."""
        return RawKernel(self.code, name, self.options)
