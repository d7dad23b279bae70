"""Compiling CUDA C++ by g++, once for each source: the results are kept in a folder."""

import ctypes
import functools
import hashlib
import os
import pathlib
import subprocess
import tempfile

INCLUDE = pathlib.Path(__file__).parent / "include"
_GXX = ("g++", "-c", "-O1", "-std=c++17", "-fPIC", "-w", "-fno-strict-aliasing")
_SAFE = ("-U_FORTIFY_SOURCE", "-ffp-contract=off", "-fno-gnu-unique", f"-I{INCLUDE}")
# Their handlers are in launch.h; linked without these, the library needs no other ones.
_CHECKS = ("-fsanitize=alignment,bounds-strict",)


class CompileError(Exception):
    """A source does not compile; the message is the compiler's."""


def _folder():
    wanted = os.environ.get("EMULATED_CUDA_CACHE")
    path = pathlib.Path(wanted or f"{tempfile.gettempdir()}/emulated-cuda-{os.getuid()}")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@functools.cache
def _headers():
    return "".join(path.read_text() for path in sorted(INCLUDE.glob("*.h")))


@functools.cache
def compile_library(source, options=(), checked=False):
    """Return the library that a source gives.

    Args:
        source (str): C++.
        options (tuple of str): More options for g++.
        checked (bool): Whether to report addresses that are not aligned, and indices outside of
            arrays whose size the source says.

    Returns:
        ctypes.CDLL: Loaded, and the same for the same arguments.

    Raises:
        CompileError: g++ does not compile it.
    """
    if checked:
        options += _CHECKS
    key = hashlib.sha256("\0".join([source, *options, *_GXX, *_SAFE, _headers()]).encode())
    path = _folder() / f"{key.hexdigest()[:32]}.so"
    if not path.exists():
        # Other processes may compile the same: each has a file of its own until it is whole.
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            code, result = pathlib.Path(scratch) / "kernel.cpp", pathlib.Path(scratch) / "kernel.so"
            code.write_text(source, encoding="utf-8")
            made = code.with_suffix(".o")
            _run([*_GXX, *_SAFE, *options, str(code), "-o", str(made)])
            _run(["g++", "-shared", str(made), "-o", str(result)])
            result.replace(path)
    return ctypes.CDLL(str(path))


def _run(command):
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise CompileError(run.stderr)
