"""``illust_gan.config`` and the environment variables, in fresh processes."""

import os
import subprocess
import sys

import chainer.functions as F
import numpy as np
import pytest

import illust_gan
from illust_gan.functions import switch

X, W = np.ones((64, 100), "f"), np.ones((500, 100), "f")
VARIABLES = ("ILLUST_GAN_FAST", "ILLUST_GAN_NUM_THREADS", "OMP_NUM_THREADS")
SHOW = "from illust_gan import config; print(config.fast, config.threads)"


def run(*arguments, **environment):
    clean = {name: text for name, text in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env={**clean, **environment}
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, f"True {min(len(os.sched_getaffinity(0)), 64)}"),
        ({"ILLUST_GAN_FAST": "0", "ILLUST_GAN_NUM_THREADS": "3"}, "False 3"),
        ({"ILLUST_GAN_FAST": "1", "ILLUST_GAN_NUM_THREADS": " 64 "}, "True 64"),
        ({"ILLUST_GAN_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, "True 3"),
        ({"OMP_NUM_THREADS": "5"}, "True 5"),
        ({"OMP_NUM_THREADS": "5,2"}, "True 5"),
        ({"OMP_NUM_THREADS": "500"}, "True 64"),
    ],
)
def test_environment_variables(environment, expected):
    assert run("-c", SHOW, **environment).stdout.strip() == expected


@pytest.mark.parametrize("text", ["x", "", "0", "-1"])
def test_omp_num_threads_that_says_nothing(text):
    cores = min(len(os.sched_getaffinity(0)), 64)
    result = run("-c", SHOW, OMP_NUM_THREADS=text)
    assert result.stdout.strip() == f"True {cores}"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("ILLUST_GAN_FAST", "2", "set it to 0 for Chainer's own functions, or to 1, or not at all"),
        ("ILLUST_GAN_FAST", "no", "set it to 0 for Chainer's own functions, or to 1"),
        ("ILLUST_GAN_NUM_THREADS", "x", "set it to a number from 1 to 64, or not at all"),
        ("ILLUST_GAN_NUM_THREADS", "0", "set it to a number from 1 to 64"),
        ("ILLUST_GAN_NUM_THREADS", "65", "set it to a number from 1 to 64"),
    ],
)
def test_mistakes_get_one_sentence(name, text, wanted):
    result = run("-m", "illust_gan", "doctor", **{name: text})
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"illust-gan: the environment variable {name} is {text!r}; {wanted}")


def test_help_needs_no_switch():
    assert run("-m", "illust_gan", "--help", ILLUST_GAN_FAST="2").returncode == 0


def test_the_plain_path_needs_no_kernels():
    code = """
import illust_gan, chainer.functions as F, numpy as np
F.linear(np.ones((64, 100), "f"), np.ones((500, 100), "f"))
print("native/avx" in open("/proc/self/maps").read())
"""
    assert run("-c", code, ILLUST_GAN_FAST="0").stdout.strip() == "False"
    assert run("-c", code, ILLUST_GAN_FAST="1").stdout.strip() == "True"


def test_using_puts_back_what_was_before():
    before = repr(illust_gan.config)
    with illust_gan.config.using(fast=False, threads=1) as config:
        assert (config.fast, config.threads) == (False, 1)
        assert switch.fast_kernels(X.dtype) is None
    assert repr(illust_gan.config) == before
    with pytest.raises(RuntimeError, match="within"), illust_gan.config.using(fast=False):
        raise RuntimeError("within")
    with pytest.raises(illust_gan.UserError), illust_gan.config.using(fast=False, threads=0):
        pass
    assert repr(illust_gan.config) == before


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("threads", 0, "config.threads is 0; give a number from 1 to 64"),
        ("threads", 65, "config.threads is 65; give a number from 1 to 64"),
        ("threads", "2", "config.threads is '2'; give a number from 1 to 64"),
        ("threads", 1.5, "config.threads is 1.5; give a number from 1 to 64"),
        ("fast", "0", "config.fast is '0'; give True or False"),
        ("fast", None, "config.fast is None; give True or False"),
    ],
)
def test_settings_that_are_none(name, value, message):
    before = repr(illust_gan.config)
    with pytest.raises(illust_gan.UserError, match=message):
        setattr(illust_gan.config, name, value)
    assert repr(illust_gan.config) == before


def test_a_setting_that_does_not_exist():
    with pytest.raises(AttributeError, match="no setting 'thread'; there are fast, threads"):
        illust_gan.config.thread = 2


def test_kernels_get_the_number_of_threads():
    code = """
import os, illust_gan, chainer.functions as F, numpy as np
x, W = np.ones((64, 100), "f"), np.ones((5000, 100), "f")
illust_gan.config.fast = False
F.linear(x, W)
before = len(os.listdir("/proc/self/task"))
illust_gan.config.fast = True
for threads in (1, 4, np.int64(3), 6):
    illust_gan.config.threads = threads
    F.linear(x, W)
    print(len(os.listdir("/proc/self/task")) - before)
"""
    # Threads that were started stay, and sleep.
    assert run("-c", code).stdout.split() == ["0", "3", "3", "5"]


@pytest.mark.parametrize("dtype", ["e", "i", "?", ">f4", "F"])
def test_types_without_kernels(dtype):
    assert switch.fast_kernels(np.dtype(dtype)) is None


def test_types_with_kernels():
    assert switch.fast_kernels(np.dtype("f")) is switch.fast_kernels(X.dtype)
    assert switch.fast_kernels(np.dtype("d")) is not switch.fast_kernels(X.dtype)
    np.testing.assert_array_equal(F.linear(X, W).array, 100)
