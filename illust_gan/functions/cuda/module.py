"""The CUDA kernels: their sources, compiled by NVRTC when they are first used, and calling them."""

import functools
import pathlib
import re

import numpy as np

SOURCE = pathlib.Path(__file__).parent / "source"
# What source/number.cuh calls the types that arrays may have.
C_TYPES = {
    "float32": "float",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "uint8": "unsigned char",
}


def source(file):
    """Return the source of one file of kernels, with what all of them need before it.

    Args:
        file (str): Name of a file in ``source/``, without its ``.cu``.

    Returns:
        str: CUDA C++ in which the files of ``source/`` that it includes have been put in, so that
        NVRTC needs no headers.
    """
    seen = set()

    def text(name):
        if name in seen:
            return ""
        seen.add(name)
        code = (SOURCE / name).read_text(encoding="utf-8")
        return re.sub(r'^#include "(.+)"\n', lambda found: text(found[1]), code, flags=re.M)

    return text("number.cuh") + text(f"{file}.cu")


def options(types):
    """Return NVRTC's options for kernels of some types.

    Args:
        types (dict): Macros of the source, such as ``X``, to dtypes or their names.

    Returns:
        tuple of str: For ``cupy.RawModule``.
    """
    macros = [f"-D{name}={C_TYPES[str(dtype)]}" for name, dtype in sorted(types.items())]
    return ("-std=c++17", *macros)


@functools.cache
def kernel(file, name, **types):
    """Return one kernel.

    Args:
        file (str): See :func:`source`.
        name (str): Its name there.
        types: See :func:`options`.

    Returns:
        cupy.RawKernel: Compiled when it is first called on a device.
    """
    return _module(file, options(types)).get_function(name)


@functools.cache
def _module(file, options):
    import cupy

    return cupy.RawModule(code=source(file), options=options)


def launch(kernel, blocks, threads, *args):
    """Run a kernel on the current stream.

    Args:
        kernel (cupy.RawKernel): From :func:`kernel`.
        blocks, threads (int or tuple of int): Sizes of the grid and of a block.
        args: Arrays of CuPy as pointers, None as a null pointer, int as ``long long``, float as
            ``float``, and NumPy arrays with one element, also of a structured type, by value.
    """
    grid = blocks if isinstance(blocks, tuple) else (blocks,)
    block = threads if isinstance(threads, tuple) else (threads,)
    kernel(grid, block, tuple([_argument(value) for value in args]))


def _argument(value):
    if value is None:
        return np.uintp(0)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, float):
        return np.float32(value)
    return value
