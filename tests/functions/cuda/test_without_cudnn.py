"""A GPU whose CuPy has no cuDNN beside it: it is said what is missing, and training goes on."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).parents[2]
TRAIN = """
import warnings

import illust_gan
from illust_gan.functions.cuda.device import why_not
from tests.training.gpu_updaters import make_updater, observe

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    updater = make_updater("rezoolab")
    losses = observe(updater, 4)
print(losses[:, 0])
print(observe(make_updater("rezoolab", "@numpy"), 4).shape, updater._device_step._step_graph)
said = [str(w.message) for w in caught if "nvidia-cudnn-frontend" in str(w.message)]
print(len(said), said[0])
print(why_not("bf16"))
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ to compile kernels")
def test_says_what_is_missing_and_goes_on(tmp_path):
    for name in ("cupy", "cupyx"):
        (tmp_path / name).symlink_to(TESTS / "emulated_cuda" / name)
    result = subprocess.run(
        [sys.executable, "-c", TRAIN],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(TESTS.parent)])},
    )
    assert result.returncode == 0, result.stderr[-3000:]
    losses, other, said, precision = result.stdout.strip().splitlines()
    assert "nan" not in losses
    assert other == "(4, 2) None"
    assert said.startswith(
        "1 Chainer's own functions are used on the GPU, which are slower: nvidia-"
    )
    assert "pip install '.[cuda13]'" in said
    assert precision.startswith("nvidia-cudnn-frontend is not installed")
