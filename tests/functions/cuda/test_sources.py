"""Every kernel compiles for every combination of types that its module declares, without a GPU.

A module beside ``source/`` says in ``KERNELS`` which files' kernels it calls, and for which types:
file → list of the keywords of :func:`illust_gan.functions.cuda.module.kernel`.
"""

import contextlib
import ctypes
import ctypes.util
import importlib
import importlib.util
import pathlib
import pkgutil
import shutil
import subprocess

import pytest

from illust_gan.functions import cuda
from illust_gan.functions.cuda.module import SOURCE, options, source

# The oldest that CUDA 13 compiles for, and an H100.
ARCHITECTURES = ("compute_75", "compute_90")


def declared_kernels():
    for module in pkgutil.iter_modules(cuda.__path__, f"{cuda.__name__}."):
        declared = getattr(importlib.import_module(module.name), "KERNELS", {})
        for file, combinations in declared.items():
            for types in combinations:
                name = "-".join((file, *map(str, types.values())))
                yield pytest.param(file, types, id=name)


KERNELS = list(declared_kernels())


def find_nvrtc():
    """Return NVRTC of NVIDIA's packages for Python, or the system's; None if there is none."""
    spec = importlib.util.find_spec("nvidia")
    folders = [] if spec is None else spec.submodule_search_locations
    paths = [path for folder in folders for path in pathlib.Path(folder).glob("*/lib/libnvrtc.so*")]
    for path in (*sorted(map(str, paths)), ctypes.util.find_library("nvrtc")):
        if path is not None:
            with contextlib.suppress(OSError):
                return ctypes.CDLL(path)
    return None


def compile_by_nvrtc(nvrtc, code, flags):
    """Return whether it compiles, and what NVRTC has to say."""
    program = ctypes.c_void_p()
    nothing = (ctypes.byref(program), code.encode(), b"kernels.cu", 0, None, None)
    assert nvrtc.nvrtcCreateProgram(*nothing) == 0
    flags = (ctypes.c_char_p * len(flags))(*[flag.encode() for flag in flags])
    failure = nvrtc.nvrtcCompileProgram(program, len(flags), flags)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return failure == 0, log.value.decode()


def compile_by_nvcc(nvcc, code, flags):
    """Return whether it compiles, and what nvcc has to say."""
    command = [nvcc, "-ptx", "-x", "cu", "-o", "/dev/null", *flags, "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def compile_source():
    nvrtc, nvcc = find_nvrtc(), shutil.which("nvcc")
    if nvrtc is not None:
        return lambda code, flags: compile_by_nvrtc(nvrtc, code, flags)
    if nvcc is not None:
        return lambda code, flags: compile_by_nvcc(nvcc, code, flags)
    pytest.skip("neither NVRTC (nvidia-cuda-nvrtc) nor nvcc is here")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("file", "types"), KERNELS)
def test_compiles_without_a_warning(compile_source, file, types, architecture):
    flags = (*options(types), f"-arch={architecture}")
    assert compile_source(source(file), flags) == (True, "")


def test_a_mistake_is_noticed(compile_source):
    ok, log = compile_source("__global__ void f() { g(); }", ("-std=c++17", "-arch=compute_90"))
    assert not ok
    assert '"g" is undefined' in log


def test_all_files_are_declared():
    declared = {kernel.values[0] for kernel in KERNELS}
    assert declared == {path.stem for path in SOURCE.glob("*.cu")}


def test_included_files_are_put_in_once():
    for path in SOURCE.glob("*.cu"):
        code = source(path.stem)
        assert "#include" not in code
        assert code.count("struct bfloat16 {") == 1
