"""The tests that need a GPU, run on an emulated one where there is no real one.

Each file of them goes through a process of its own in which ``tests/emulated_cuda`` stands for CuPy
and cuDNN. That shows mistakes in shapes, addresses, types, order and arithmetic, and nothing of
speed, nor of what NVIDIA's libraries do differently.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from illust_gan.functions.cuda.device import list_gpus

TESTS = pathlib.Path(__file__).parent
MARK = "pytest.mark." + "gpu"  # which this file is not to have
FILES = sorted(path for path in TESTS.rglob("test_*.py") if MARK in path.read_text("utf-8"))

pytestmark = [
    pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile kernels"),
    pytest.mark.skipif(bool(list_gpus()[0]), reason="there is a real GPU"),
]


# An emulated GPU that does its work at once, and where streams must wait for each other also one
# that does it as late as CUDA allows.
CASES = [(path, "0") for path in FILES]
CASES += [(path, "1") for path in FILES if path.parent.name == "training"]


@pytest.mark.parametrize(("path", "lazy"), CASES, ids=lambda v: getattr(v, "stem", v))
def test_with_an_emulated_gpu(path, lazy):
    emulated = [str(TESTS / "emulated_cuda"), str(TESTS.parent)]
    environment = {
        # An element of the process's own path, such as a benchmark's, may not come first.
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHONPATH"))},
        "PYTHONPATH": os.pathsep.join(emulated),
        "EMULATED_CUDA_LAZY": lazy,
        "ILLUST_GAN_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", str(path)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=TESTS.parent,
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert " passed" in result.stdout
