"""Loading the kernels, and calling them from many sides."""

import ctypes
import re
import shutil
import subprocess
import sys
import threading

import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.functions import library, switch

RNG = np.random.RandomState(0)
X, W = RNG.randn(64, 100).astype("f"), RNG.randn(500, 100).astype("f")


@pytest.fixture
def looked_for_anew():
    """Let the build be looked for again, within the test and after it."""

    def forget():
        library.find_build.cache_clear()
        library.kernels.cache_clear()
        switch._loaded.clear()

    forget()
    yield
    forget()


@pytest.fixture
def folder(tmp_path, monkeypatch, looked_for_anew):
    """A copy of the folder of the kernels, to take things away from."""
    copy = shutil.copytree(library.FOLDER, tmp_path / "native")
    monkeypatch.setattr(library, "FOLDER", copy)
    return copy


def flags(*names):
    return {"fpu", *(flag for name in names for flag in library.BUILDS[name])}


@pytest.fixture
def all_builds(folder):
    """Put a file there for each build; the choice goes by their names."""
    for build in library.BUILDS:
        for kind in library.TYPES.values():
            (folder / f"{build}-{kind}.so").touch()


def test_the_best_build_that_the_processor_runs(all_builds, monkeypatch):
    monkeypatch.setattr(library, "processor_flags", lambda: flags("avx2", "avx512"))
    assert library.find_build() == "avx512"
    library.find_build.cache_clear()
    monkeypatch.setattr(library, "processor_flags", lambda: flags("avx2"))
    assert library.find_build() == "avx2"


def test_the_next_build_where_one_was_not_compiled(all_builds, folder, monkeypatch):
    monkeypatch.setattr(library, "processor_flags", lambda: flags("avx2", "avx512"))
    (folder / "avx512-float64.so").unlink()
    assert library.find_build() == "avx2"


def test_flags_of_this_processor():
    assert {"fpu", "sse2"} <= library.processor_flags()


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (
            lambda folder, patch: patch(library, "processor_flags", lambda: {"fpu", "sse2"}),
            "this processor has no AVX2",
        ),
        (
            lambda folder, patch: [path.unlink() for path in folder.glob("*.so")],
            "were not compiled when illust-gan was installed",
        ),
        (
            lambda folder, patch: [path.write_bytes(b"") for path in folder.glob("*.so")],
            "cannot be loaded: .*file too short",
        ),
        (
            lambda folder, patch: patch(library.platform, "machine", lambda: "aarch64"),
            "are for Linux on x86-64, not Linux on aarch64",
        ),
        (
            lambda folder, patch: patch(library.platform, "system", lambda: "Darwin"),
            "are for Linux on x86-64, not Darwin on x86_64",
        ),
    ],
    ids=["no AVX2", "not compiled", "broken", "ARM", "macOS"],
)
def test_machines_without_kernels_take_the_plain_path(folder, monkeypatch, break_it, reason):
    break_it(folder, monkeypatch.setattr)
    monkeypatch.setattr(switch, "_warned", False)
    with pytest.warns(UserWarning, match=f"which are slower: .*{reason}"):
        found = F.linear(X, W).array
    # Said once: pytest makes errors of further warnings.
    F.linear(X, W)
    F.linear(X.astype("d"), W.astype("d"))
    assert re.search(reason, switch.why_plain())
    with illust_gan.config.using(fast=False):
        np.testing.assert_array_equal(found, F.linear(X, W).array)


def compiled(source):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    path = source.with_suffix(".so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", path, source], check=True)
    return library.Kernels(path)


def test_what_kernels_are_given(tmp_path):
    source = tmp_path / "echo.c"
    source.write_text(
        "#include <stdint.h>\n"
        "int echo(double *y, const float *x, int64_t n, double scale)\n"
        "{\n"
        "    for (int64_t i = 0; i < n; i++)\n"
        "        y[i] = x ? scale * x[i] : 0;\n"
        "    return x ? 1 : 0;\n"
        "}\n"
    )
    kernels = compiled(source)
    x, y = np.arange(4, dtype=np.float32), np.ones(3)
    # The first call tells what is where, and None stands for an array.
    assert kernels.echo(y, None, 3, 0.5) == 0
    assert y.tolist() == [0, 0, 0]
    x.flags.writeable = False
    assert kernels.echo(y, x[1:], 2, -0.5) == 1
    assert y.tolist() == [-0.5, -1, 0]
    assert kernels.echo(y, x[:0], 0, 1.0) == 1
    with pytest.raises(ctypes.ArgumentError):
        kernels.echo(y, 1.0, 3, 0.5)


@pytest.mark.parametrize("pointer_to", [library._read_pointer, library._ask_for_pointer])
def test_where_arrays_are(pointer_to, tmp_path):
    x = np.arange(24.0).reshape(2, 3, 4)
    mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=3)
    for array in (x, x[1:, ::2], x.T[::-1], np.frombuffer(b"12345678"), mapped, np.array(1.0)):
        found = pointer_to(array)
        assert getattr(found, "value", found) == array.__array_interface__["data"][0]


def test_the_short_way_to_their_pointers_is_taken():
    assert library._pointer_to is library._read_pointer


def test_answers_of_kernels_and_kernels_that_are_not_there(tmp_path):
    source = tmp_path / "short.c"
    source.write_text("int need(void) { return -1; } int count(long n) { return n; }")
    kernels = compiled(source)
    with pytest.raises(MemoryError, match="no memory for the work arrays of need"):
        kernels.need()
    assert kernels.count(3) == 3
    with pytest.raises(illust_gan.UserError, match=r"short.so has no adam: .*; install"):
        kernels.adam()


def test_two_threads_of_python_at_once():
    expected = F.linear(X, W).array.tobytes()
    found = []

    def work():
        found.extend(F.linear(X, W).array.tobytes() for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 600
    assert set(found) == {expected}


FORKING = """
import os, threading
import illust_gan, chainer.functions as F, numpy as np

rng = np.random.RandomState(0)
x, W = rng.randn(64, 100).astype("f"), rng.randn(500, 100).astype("f")
illust_gan.config.threads = 2
expected = F.linear(x, W).array.tobytes()
running = True

def work():
    while running:
        F.linear(x, W)

other = threading.Thread(target=work)
other.start()
children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(0 if all(F.linear(x, W).array.tobytes() == expected for _ in range(5)) else 1)
    children.append(child)
codes = [os.waitpid(child, 0)[1] for child in children]
running = False
other.join()
assert F.linear(x, W).array.tobytes() == expected
print(codes)
"""


def test_processes_that_are_forked_while_kernels_run():
    # Python 3.12 warns of threads and fork together; this is what it warns of.
    result = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.stdout.strip() == str([0] * 20), result.stderr
