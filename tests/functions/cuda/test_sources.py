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
import re
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
                yield file, types


KERNELS = list(declared_kernels())


def compilations():
    for file, types in KERNELS:
        # The types alone are compiled differently, so those that are mixed need not be tried twice.
        is_mixed = len(set(types.values())) > 1
        for architecture in ARCHITECTURES[is_mixed:]:
            name = "-".join((file, *map(str, types.values()), architecture))
            yield pytest.param(file, types, architecture, id=name)


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
    """Return the assembly, empty if there is an error, and what NVRTC has to say."""
    program = ctypes.c_void_p()
    nothing = (ctypes.byref(program), code.encode(), b"kernels.cu", 0, None, None)
    assert nvrtc.nvrtcCreateProgram(*nothing) == 0
    flags = (ctypes.c_char_p * len(flags))(*[flag.encode() for flag in flags])
    failure = nvrtc.nvrtcCompileProgram(program, len(flags), flags)

    def text(size_of, get):
        size = ctypes.c_size_t()
        assert size_of(program, ctypes.byref(size)) == 0
        buffer = ctypes.create_string_buffer(size.value)
        assert get(program, buffer) == 0
        return buffer.value.decode()

    log = text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
    assembly = "" if failure else text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return assembly, log


def compile_by_nvcc(nvcc, code, flags):
    """Return the assembly, empty if there is an error, and what nvcc has to say."""
    command = [nvcc, "-ptx", "-x", "cu", "-o", "-", *flags, "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def compile_source():
    nvrtc, nvcc = find_nvrtc(), shutil.which("nvcc")
    if nvrtc is not None:
        return lambda code, flags: compile_by_nvrtc(nvrtc, code, flags)
    if nvcc is not None:
        return lambda code, flags: compile_by_nvcc(nvcc, code, flags)
    pytest.skip("neither NVRTC (nvidia-cuda-nvrtc) nor nvcc is here")


@pytest.mark.parametrize(("file", "types", "architecture"), list(compilations()))
def test_compiles_without_a_warning(compile_source, file, types, architecture):
    assembly, log = compile_source(source(file), (*options(types), f"-arch={architecture}"))
    assert log == ""
    assert f".target {architecture.replace('compute', 'sm')}" in assembly


def test_a_mistake_is_noticed(compile_source):
    code = "__global__ void f() { g(); }"
    assembly, log = compile_source(code, ("-std=c++17", f"-arch={ARCHITECTURES[0]}"))
    assert not assembly
    assert '"g" is undefined' in log


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("activation", ["activate", "activation_gradients"]),
        ("layout", ["cast"]),
        ("linear", ["few_outputs_gradient_x"]),
        ("normalization", ["normalize", "gradient"]),
    ],
)
def test_memory_is_read_and_written_by_16_bytes(compile_source, file, names, dtype):
    # The compiler decides that, and an innocent change of an index can make it decide otherwise.
    flags = (*options(dict.fromkeys("XWY", dtype)), f"-arch={ARCHITECTURES[-1]}")
    assembly, _ = compile_source(source(file), flags)
    for name in names:
        (body,) = re.findall(rf"\.entry {name}\(.*?^}}", assembly, flags=re.M | re.S)
        assert re.search(r"ld\.global\.(nc\.)?v4\.[fu]32", body), name
        assert re.search(r"st\.global\.v4\.[fu]32", body), name


def test_all_files_are_declared():
    assert {file for file, _ in KERNELS} == {path.stem for path in SOURCE.glob("*.cu")}


def test_included_files_are_put_in_once():
    for path in SOURCE.glob("*.cu"):
        code = source(path.stem)
        assert "#include" not in code
        assert code.count("struct bfloat16 {") == 1
