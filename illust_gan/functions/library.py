"""The compiled kernels: which build fits this processor, and calling it with arrays."""

import ctypes
import functools
import pathlib
import platform

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "native"

# From the fastest to the plainest: the name of a build, and the flags of /proc/cpuinfo it needs.
# They are the levels v4 and v3 of the x86-64 psABI.
BUILDS = {
    "avx512": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma"},
    "avx2": {"avx2", "fma", "bmi1", "bmi2", "f16c", "abm", "movbe"},
}
TYPES = {np.dtype(np.float32): "float32", np.dtype(np.float64): "float64"}


class LibraryError(Exception):
    """There are no compiled kernels for this machine; the text says why."""


class Kernels:
    """The kernels of one number type, as functions of arrays and numbers.

    Each kernel of the C files is an attribute. Arrays are handed over as the addresses of their
    first numbers, None as a null pointer, int as int64 and float as double. Nothing is checked
    here: callers give arrays of this type, laid out as the kernel says. The kernel's own answer is
    returned; where it is that memory is short, MemoryError is raised.
    """

    def __init__(self, path):
        self._library = ctypes.CDLL(str(path))

    def __getattr__(self, name):
        function = self._library[name]

        def kernel(*args):
            answer = function(*map(_to_c, args))
            if answer == -1:
                raise MemoryError(f"no memory for the work arrays of {name}")
            return answer

        setattr(self, name, kernel)
        return kernel


def _to_c(value):
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    if isinstance(value, float):
        return ctypes.c_double(value)
    return None if value is None else ctypes.c_int64(value)


def processor_flags():
    """Return what this processor can do, as a set of the names of ``/proc/cpuinfo``."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            for line in f:
                if line.startswith("flags"):
                    return set(line.partition(":")[2].split())
    except OSError:
        pass
    return set()


@functools.cache
def find_build():
    """Return the name of the build that this machine runs.

    Returns:
        str: A key of :data:`BUILDS`.

    Raises:
        LibraryError: If there is none, with the reason.
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise LibraryError(
            f"the kernels are for Linux on x86-64, not {platform.system()} on {platform.machine()}"
        )
    flags = processor_flags()
    fitting = [name for name, needed in BUILDS.items() if needed <= flags]
    if not fitting:
        raise LibraryError("this processor has no AVX2")
    for name in fitting:
        if all((FOLDER / f"{name}-{kind}.so").exists() for kind in TYPES.values()):
            return name
    raise LibraryError("the kernels were not compiled when illust-gan was installed")


@functools.cache
def kernels(dtype):
    """Load the kernels of one number type.

    Args:
        dtype (numpy.dtype): float32 or float64.

    Returns:
        Kernels: Its kernels.

    Raises:
        LibraryError: If there are none for this machine, with the reason.
    """
    path = FOLDER / f"{find_build()}-{TYPES[dtype]}.so"
    try:
        return Kernels(path)
    except OSError as error:
        raise LibraryError(f"the kernels cannot be loaded: {error}") from error
