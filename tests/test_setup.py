"""What setup.py does with the kernels where compilers work, and where they do not."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from illust_gan.functions import library

ROOT = pathlib.Path(__file__).parent.parent
NATIVE = "illust_gan/functions/native"
NAMES = [f"{build}-{kind}.so" for build in library.BUILDS for kind in library.TYPES.values()]
BF16_NAMES = [f"{build}-bf16.so" for build in library.BF16_BUILDS]

pytest.importorskip("setuptools", minversion="77")
if not (ROOT / "setup.py").exists() or sys.platform != "linux":
    pytest.skip("there is nothing to build", allow_module_level=True)


@pytest.fixture
def build(tmp_path):
    """A function that builds a copy of the package, in place; and where it puts the kernels."""
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / NATIVE, tmp_path / NATIVE, ignore=shutil.ignore_patterns("*.so"))

    def build(compiler):
        return subprocess.run(
            [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
            cwd=tmp_path,
            env={**os.environ, "CC": str(compiler)},
            capture_output=True,
            text=True,
        )

    return build, tmp_path / NATIVE


@pytest.fixture
def compiler(tmp_path):
    """A compiler that writes what it was asked for to where the kernels should go."""
    script = tmp_path / "compiler"
    script.write_text('#!/bin/sh\nfor last; do :; done\necho "$@" > "$last"\n')
    script.chmod(0o755)
    return script


def test_each_build_is_compiled_of_all_sources(build, compiler):
    run, folder = build
    result = run(compiler)
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in folder.glob("*.so")) == sorted(NAMES + BF16_NAMES)
    for name in NAMES:
        words = (folder / name).read_text().split()
        assert {f"{NATIVE}/{path.name}" for path in folder.glob("*.c")} <= set(words)
        assert f"-DREAL={'float' if 'float32' in name else 'double'}" in words
        assert f"-DVECTOR_BYTES={64 if 'avx512' in name else 32}" in words
        assert ("-mavx512f" in words) == ("avx512" in name)
    for name in BF16_NAMES:
        words = (folder / name).read_text().split()
        assert {"-DBF16", "-DREAL=float", f"{NATIVE}/winograd_convolution.c"} <= set(words)
        assert ("-mamx-bf16" in words) == ("amx" in name)


@pytest.mark.parametrize(
    ("broken", "reason"), [("false", "exit code 1"), ("/no/cc", "No such file or directory")]
)
def test_a_compiler_that_fails_leaves_no_kernels(build, compiler, broken, reason):
    run, folder = build
    assert run(compiler).returncode == 0
    result = run(broken)
    assert result.returncode == 0
    for name in NAMES + BF16_NAMES:
        assert (
            f"warning: {broken} did not compile {name} ({reason}); "
            "illust-gan works without it, more slowly\n"
        ) in result.stderr
    assert list(folder.glob("*.so")) == []
