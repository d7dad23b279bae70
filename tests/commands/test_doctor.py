import platform
import re

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.compat import finder
from illust_gan.functions import library


def test_says_what_is_here(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    words = out.split()
    for version in (platform.python_version(), chainer.__version__, np.__version__):
        assert version in words
    for section in ("versions:", f"mends of Chainer {chainer.__version__}:", "devices:"):
        assert f"{section}\n" in out
    for name in finder.MENDS:
        state = "in force" if finder.in_force(name) else "once imported"
        for mend in finder.load_mends(name):
            if mend.__name__.startswith("illust_gan.compat."):
                assert re.search(f"  {state} +{re.escape(mend.WHAT)}\n", out)
    assert finder.in_force("chainer.serializers.npz")
    assert "  -1  CPU, " in out


@pytest.mark.parametrize(
    ("there", "advice"),
    [
        ([], "no onnx and no onnxruntime, for export onnx: pip install 'onnx>=1.20,<2' 'onnxrunt"),
        (["onnx"], "no onnxruntime, for export onnx: pip install 'onnxruntime>=1.24,<2'\n"),
        (["onnx", "onnxruntime"], None),
    ],
)
def test_says_what_exporting_needs(there, advice, capsys, monkeypatch):
    pretend(monkeypatch, {name: name in there for name in ("onnx", "onnxruntime")})
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert advice in out if advice else "for export onnx" not in out


@pytest.mark.parametrize("there", [True, False])
def test_says_what_mp4_needs(there, capsys, monkeypatch):
    pretend(monkeypatch, {"av": there})
    assert main(["doctor"]) == 0
    advice = "\nno av, for walk -o FILE.mp4: pip install 'av>=15'\n"
    assert (advice in capsys.readouterr().out) is not there


def pretend(monkeypatch, packages):
    """Let packages, by their names, be there or not."""
    from importlib import util

    real = util.find_spec

    def find_spec(name, package=None):
        if name in packages:
            return True if packages[name] else None
        return real(name, package)

    monkeypatch.setattr(util, "find_spec", find_spec)


def test_enable_and_disable_at_once(capsys):
    assert main(["doctor", "--enable-import", "--disable-import"]) == 2
    assert "undo each other; give one" in capsys.readouterr().err


def test_says_which_kernels_run(capsys):
    with illust_gan.config.using(threads=2):
        assert main(["doctor"]) == 0
    fast = capsys.readouterr().out.partition("fast paths:\n")[2].partition("\n\n")[0]
    first, *functions = [line.strip() for line in fast.splitlines()]
    assert re.fullmatch(r"CPU +compiled kernels for (AVX2|AVX512), 2 threads, for", first)
    assert {"linear", "deconvolution_2d", "Adam and AdamW"} <= set(functions)
    with illust_gan.config.using(threads=1):
        assert main(["doctor"]) == 0
    assert re.search(r" 1 thread, for\n", capsys.readouterr().out)


def test_mends_and_fast_paths_are_told_apart(capsys):
    assert main(["doctor"]) == 0
    mends, _, fast = capsys.readouterr().out.partition("fast paths:\n")
    assert "Adam and AdamW" not in mends
    assert "deconvolution_2d.py:" in mends
    assert "deconvolution_2d.py:" not in fast


def test_says_why_no_kernels_run(capsys, monkeypatch):
    with illust_gan.config.using(fast=False):
        assert main(["doctor"]) == 0
    fast = capsys.readouterr().out.partition("fast paths:\n")[2].partition("\n\n")[0]
    assert "Chainer's own functions on NumPy: the fast paths are switched off" in fast
    assert "ILLUST_GAN_FAST=0" in fast

    monkeypatch.setattr(library, "processor_flags", set)
    library.find_build.cache_clear()
    library.kernels.cache_clear()
    try:
        assert main(["doctor"]) == 0
    finally:
        library.find_build.cache_clear()
    assert "Chainer's own functions on NumPy: this processor has no AVX2" in capsys.readouterr().out


@pytest.mark.gpu
def test_says_what_a_gpu_does(capsys):
    assert main(["doctor"]) == 0
    fast = capsys.readouterr().out.partition("fast paths:\n")[2].partition("\n\n")[0]
    assert re.search(r"  GPU +cuDNN 9\.\d+\.\d+ and kernels of this package, for\n", fast)
    on_cpu, _, on_gpu = fast.partition("  GPU ")
    assert "Adam on a GPU" in on_gpu
    assert "on a GPU" not in on_cpu
    with illust_gan.config.using(fast=False):
        assert main(["doctor"]) == 0
    assert re.search(
        r"GPU +Chainer's own functions on CuPy: .*ILLUST_GAN_FAST=0", capsys.readouterr().out
    )
