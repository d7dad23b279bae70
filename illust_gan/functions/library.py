"""The compiled kernels: which build fits this processor, and calling it with arrays."""

import ctypes
import functools
import pathlib
import platform
import sys

import numpy as np

from illust_gan.errors import UserError

FOLDER = pathlib.Path(__file__).parent / "native"

# From the fastest to the plainest: the name of a build, and the flags of /proc/cpuinfo it needs.
# They are the levels v4 and v3 of the x86-64 psABI.
BUILDS = {
    "avx512": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma"},
    "avx2": {"avx2", "fma", "bmi1", "bmi2", "f16c", "abm", "movbe"},
}
# The same with the products of convolutions in bfloat16.
BF16_BUILDS = {
    "amx": BUILDS["avx512"] | {"avx512_bf16", "amx_tile", "amx_bf16"},
    "avx512bf16": BUILDS["avx512"] | {"avx512_bf16"},
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
        self._path = path
        self._library = ctypes.CDLL(str(path))

    def __getattr__(self, name):
        try:
            function = self._library[name]
        except AttributeError:
            raise UserError(
                f"{self._path} has no {name}: it was compiled of other sources than these; "
                "install illust-gan again (pip install, or make install)"
            ) from None

        def kernel(*args):
            # What a kernel takes at each place stays the same, so the first call tells it.
            if not function.argtypes:
                function.argtypes = [_c_type(value) for value in args]
            answer = function(
                *[_pointer_to(value) if isinstance(value, np.ndarray) else value for value in args]
            )
            if answer == -1:
                raise MemoryError(f"no memory for the work arrays of {name}")
            return answer

        setattr(self, name, kernel)
        return kernel


def _c_type(value):
    if value is None or isinstance(value, np.ndarray):
        return ctypes.c_void_p
    return ctypes.c_double if isinstance(value, float) else ctypes.c_int64


_HEAD = object.__basicsize__
_pointer_at = ctypes.c_void_p.from_address


def _read_pointer(array):
    # An array is Python's head of an object and then, first of all, this pointer: so says
    # PyArrayObject_fields in numpy/ndarraytypes.h, which all modules in C are compiled with.
    return _pointer_at(id(array) + _HEAD)


def _ask_for_pointer(array):
    return array.ctypes.data  # the same in five times the time


def _choose_pointer():
    array = np.zeros(3)[1:]
    known = sys.implementation.name == "cpython"
    known = known and _read_pointer(array).value == _ask_for_pointer(array)
    return _read_pointer if known else _ask_for_pointer


_pointer_to = _choose_pointer()


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
def find_build(precision="float32"):
    """Return the name of the build that this machine runs.

    Args:
        precision (str): ``"float32"``, or ``"bf16"`` for the builds with products in bfloat16.

    Returns:
        str: A key of :data:`BUILDS`, or of :data:`BF16_BUILDS`.

    Raises:
        LibraryError: If there is none, with the reason.
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise LibraryError(
            f"the kernels are for Linux on x86-64, not {platform.system()} on {platform.machine()}"
        )
    flags, bf16 = processor_flags(), precision == "bf16"
    builds, kinds = (BF16_BUILDS, ("bf16",)) if bf16 else (BUILDS, TYPES.values())
    fitting = [name for name, needed in builds.items() if needed <= flags]
    if not fitting:
        wanted = "AVX512-BF16, with AMX or without" if bf16 else "AVX2"
        raise LibraryError(f"this processor has no {wanted}")
    for name in fitting:
        if all((FOLDER / f"{name}-{kind}.so").exists() for kind in kinds) and (
            name != "amx" or request_amx()
        ):
            return name
    raise LibraryError("the kernels were not compiled when illust-gan was installed")


def request_amx():
    """Ask Linux for the tile registers of AMX, for all threads of this process.

    Returns:
        bool: Whether it gives them.
    """
    # arch_prctl with ARCH_REQ_XCOMP_PERM and XFEATURE_XTILEDATA:
    # https://docs.kernel.org/arch/x86/xstate.html
    return ctypes.CDLL(None).syscall(*map(ctypes.c_long, (158, 0x1023, 18))) == 0


@functools.cache
def kernels(dtype, precision="float32"):
    """Load the kernels of one number type.

    Args:
        dtype (numpy.dtype): float32 or float64.
        precision (str): As for :func:`find_build`; ``"bf16"`` is for float32 only.

    Returns:
        Kernels: Its kernels.

    Raises:
        LibraryError: If there are none for this machine, with the reason.
    """
    kind = "bf16" if precision == "bf16" else TYPES[dtype]
    path = FOLDER / f"{find_build(precision)}-{kind}.so"
    try:
        return Kernels(path)
    except OSError as error:
        raise LibraryError(f"the kernels cannot be loaded: {error}") from error
