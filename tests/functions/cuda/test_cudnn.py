"""Whether cuDNN is there, and how its plans are chosen and run."""

import dataclasses
import sys
import types

import chainer
import numpy as np
import pytest

from illust_gan.functions.cuda import cudnn
from illust_gan.functions.cuda.plans import Convolution
from tests.functions.cuda.device_arrays import bits_of, on_device

POINTWISE = Convolution(
    "fprop", (2, 8, 4, 4), (2, 16, 4, 4), (16, 8, 1, 1),
    before=(0, 0), after=(0, 0), stride=(1, 1), dilate=(1, 1), dtype="float32", rounds=False,
)  # fmt: skip
# There are more plans where products may be rounded to TF32.
ROUNDED = dataclasses.replace(POINTWISE, rounds=True)


@pytest.fixture
def frontend(monkeypatch):
    """Module in the place of NVIDIA's."""
    module = types.ModuleType("cudnn")
    module.backend_version = lambda: 92801
    monkeypatch.setitem(sys.modules, "cudnn", module)
    cudnn.why_not.cache_clear()
    yield module
    cudnn.why_not.cache_clear()


def test_version(frontend):
    assert cudnn.why_not() is None
    assert cudnn.is_there()
    assert cudnn.version() == "9.28.1"


def test_what_is_missing(frontend, monkeypatch):
    def fail():
        raise RuntimeError("Unable to find symbol cudnnGetVersion")

    frontend.backend_version = fail
    assert "the library, is not installed: Unable to find" in cudnn.why_not()
    cudnn.why_not.cache_clear()
    frontend.backend_version = lambda: 8907
    assert "8907, and 9 is needed" in cudnn.why_not()
    cudnn.why_not.cache_clear()
    monkeypatch.setitem(sys.modules, "cudnn", None)
    assert "nvidia-cudnn-frontend is not installed" in cudnn.why_not()
    assert "pip install '.[cuda13]'" in cudnn.why_not()
    cudnn._warn_once.cache_clear()
    with pytest.warns(UserWarning, match="slower: nvidia-cudnn-frontend is not installed"):
        assert not cudnn.is_there()
    assert not cudnn.is_there()


@pytest.fixture
def arrays(monkeypatch):
    """Two factors and room for their product; no plan is known yet."""
    import cupy

    monkeypatch.setattr(cudnn, "_local", types.SimpleNamespace())
    rng = np.random.RandomState(0)
    x, W = (on_device(rng.randn(*s), last=True) for s in (POINTWISE.big, POINTWISE.weights))
    out = cupy.zeros((2, 4, 4, 16), np.float32).transpose(0, 3, 1, 2)
    return x, W, out


def wanted(x, W):
    return np.einsum("nchw,sc->nshw", x.get(), W.get()[:, :, 0, 0])


@pytest.mark.gpu
def test_plans_are_made_once(arrays, monkeypatch):
    proposed = []
    propose = cudnn.propose

    def counting(*args, **where):
        proposed.append(args)
        return propose(*args, **where)

    monkeypatch.setattr(cudnn, "propose", counting)
    for _ in range(3):
        arrays[-1].fill(0)
        assert cudnn.run(POINTWISE, *arrays)
        np.testing.assert_allclose(arrays[-1].get(), wanted(*arrays[:2]), rtol=1e-4, atol=1e-5)
    assert len(proposed) == 1


@pytest.mark.gpu
def test_on_the_current_stream(arrays):
    import cudnn as frontend
    import cupy

    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        cudnn.run(POINTWISE, *arrays)
        handle, _ = cudnn._of_this_thread(cupy.cuda.device.get_device_id())
        assert frontend.get_stream(handle) == stream.ptr
    stream.synchronize()
    np.testing.assert_allclose(arrays[-1].get(), wanted(*arrays[:2]), rtol=1e-4, atol=1e-5)
    cudnn.run(POINTWISE, *arrays)
    assert frontend.get_stream(handle) == cupy.cuda.get_current_stream().ptr


@pytest.mark.gpu
def test_no_plan_is_said_once(arrays):
    wrong = dataclasses.replace(POINTWISE, small=(2, 16, 3, 3))
    with pytest.warns(
        UserWarning, match=r"slower: cuDNN has no plan for Convolution\(kind='fprop'"
    ):
        assert not cudnn.run(wrong, *arrays)
    assert not cudnn.run(wrong, *arrays)
    assert not arrays[-1].any()


@pytest.mark.gpu
def test_captured(arrays):
    import cupy

    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        cudnn.run(POINTWISE, *arrays)
        stream.begin_capture()
        cudnn.run(POINTWISE, *arrays)
        graph = stream.end_capture()
        arrays[0][...] = 2 * arrays[0]
        arrays[-1].fill(0)
        graph.launch(stream)
    stream.synchronize()
    np.testing.assert_allclose(arrays[-1].get(), wanted(*arrays[:2]), rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
def test_autotune_takes_the_fastest(arrays, monkeypatch):
    cudnn.run(ROUNDED, *arrays)
    usual = bits_of(arrays[-1])
    timed = []
    monkeypatch.setattr(cudnn, "_time", lambda graph, index, *_: timed.append(index) or -index)
    with chainer.using_config("autotune", True):
        assert cudnn.run(ROUNDED, *arrays)
        assert cudnn.run(ROUNDED, *arrays)
    assert len(timed) == len(set(timed)) > 1
    ((_, chosen),) = (plan for (_, tuned), plan in cudnn._of_this_thread(0)[1].items() if tuned)
    assert chosen == max(timed)
    np.testing.assert_allclose(arrays[-1].get(), wanted(*arrays[:2]), rtol=0, atol=0.02)
    cudnn.run(ROUNDED, *arrays)
    assert bits_of(arrays[-1]) == usual


@pytest.mark.gpu
def test_what_cannot_be_timed_is_not_taken(arrays, monkeypatch):
    execute, tried = cudnn._execute, []

    def with_little_memory(graph, index, *args):
        tried.append(index)
        if index == tried[0]:
            raise MemoryError
        execute(graph, index, *args)

    monkeypatch.setattr(cudnn, "_execute", with_little_memory)
    with chainer.using_config("autotune", True):
        assert cudnn.run(ROUNDED, *arrays)
    assert tried[-1] != tried[0]
    np.testing.assert_allclose(arrays[-1].get(), wanted(*arrays[:2]), rtol=0, atol=0.02)
