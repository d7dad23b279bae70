"""Compiles the kernels of illust_gan/functions/native, packs ``models/`` and lets npm download
onnxruntime-web; pyproject.toml declares everything else.

They are plain C without Python's API, loaded by ctypes, so one wheel serves every Python. Each
build is one library for one instruction set and one number type. Without a C compiler the package
is installed all the same and Chainer's own functions are used.
"""

import contextlib
import glob
import os
import platform
import runpy
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

NATIVE = "illust_gan/functions/native"
# The levels v3 and v4 of the x86-64 psABI, part by part: compilers spell -march=x86-64-v3 in
# different ways, or do not know it yet. library.py asks the processor for the same parts.
V3 = ["-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mf16c", "-mlzcnt", "-mmovbe"]
V4 = [*V3, "-mavx512f", "-mavx512bw", "-mavx512cd", "-mavx512dq", "-mavx512vl"]
INSTRUCTION_SETS = {
    "avx2": [*V3, "-DVECTOR_BYTES=32"],
    "avx512": [*V4, "-mprefer-vector-width=512", "-DVECTOR_BYTES=64"],
}
# Those with products in bfloat16, for convolutions of float32 only.
BF16 = {
    "avx512bf16": [*INSTRUCTION_SETS["avx512"], "-mavx512bf16"],
    "amx": [*INSTRUCTION_SETS["avx512"], "-mavx512bf16", "-mamx-tile", "-mamx-bf16"],
}
TYPES = {"float32": "float", "float64": "double"}
BUILDS = {
    f"{name}-{kind}": [*flags, f"-DREAL={c_type}"]
    for name, flags in INSTRUCTION_SETS.items()
    for kind, c_type in TYPES.items()
} | {f"{name}-bf16": [*flags, "-DREAL=float", "-DBF16"] for name, flags in BF16.items()}
FLAGS = ["-std=gnu11", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
LINKING = ["-fvisibility=hidden", "-fPIC", "-shared", "-pthread"]
HERE = platform.system() == "Linux" and platform.machine() == "x86_64"


def compiler():
    """Return the command that compiles C: $CC, the system's, or Zig's from PyPI."""
    if os.environ.get("CC"):
        return os.environ["CC"].split()
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    return [sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-linux-gnu.2.17"]


def remove(path):
    """Take away what was compiled before: where nothing can be, none is better than an old one."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


class BuildKernels(build_ext):
    """Compiles every file of one build at once, and the builds side by side."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or True

    def run(self):
        if self.inplace:
            for ext in self.extensions:
                remove(self.get_ext_filename(ext.name))
        super().run()

    def get_ext_filename(self, fullname):
        return os.path.join(*fullname.split(".")) + ".so"

    def build_extension(self, ext):
        target = self.get_ext_fullpath(ext.name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        remove(target)
        command = [*compiler(), *FLAGS, *ext.extra_compile_args, *LINKING, *ext.sources, "-lm"]
        print(" ".join(command))
        try:
            subprocess.run([*command, "-o", target], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "strerror", None) or f"exit code {error.returncode}"
            # In one piece: builds run side by side.
            sys.stderr.write(
                f"warning: {command[0]} did not compile {os.path.basename(target)} ({reason}); "
                "illust-gan works without it, more slowly\n"
            )


class WithModels(build_py):
    """Puts the trained generators of ``models/`` into the package, where a wheel has them, and
    onnxruntime-web, which ``export web`` wants."""

    def run(self):
        super().run()
        runtime = runpy.run_path("illust_gan/export/runtime.py")
        here = os.path.relpath(runtime["FOLDER"])
        if not runtime["is_there"](here):
            try:
                runtime["download"](here)
            except (OSError, ValueError) as error:
                sys.stderr.write(f"warning: no onnxruntime-web, which export web wants: {error}\n")
        if not self.editable_mode:
            self._copy("models", os.path.join("illust_gan", "models"))
            if runtime["is_there"](here):
                self._copy(here, here)

    def _copy(self, folder, name):
        target = os.path.join(self.build_lib, name)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)


class AnyPython(bdist_wheel):
    """Tags the wheel for any Python 3 on this platform."""

    def get_tag(self):
        tag = super().get_tag()
        return ("py3", "none", tag[2]) if HERE else tag


def sources(build):
    """Return the files of a build."""
    patterns = ["*"] if not build.endswith("bf16") else ["direct_*", "layout", "pool", "winograd_*"]
    return sorted(path for name in patterns for path in glob.glob(f"{NATIVE}/{name}.c"))


kernels = [
    Extension(
        f"{NATIVE.replace('/', '.')}.{name}",
        sources(name),
        depends=sorted(glob.glob(f"{NATIVE}/*.h")),
        extra_compile_args=flags,
        optional=True,
    )
    for name, flags in BUILDS.items()
]
found = os.environ.get("CC") or any(map(shutil.which, ("cc", "gcc", "clang")))
setup(
    ext_modules=kernels if HERE else [],
    cmdclass={"build_ext": BuildKernels, "build_py": WithModels, "bdist_wheel": AnyPython},
    # A C compiler in a wheel of its own, for machines that have none.
    setup_requires=[] if found or not HERE else ["ziglang>=0.13"],
)
