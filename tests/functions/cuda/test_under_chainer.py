"""Chainer's own functions and optimisers on a GPU, beside themselves on the CPU."""

from functools import partial

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda import cudnn
from illust_gan.functions.cuda import optimizer as group

pytestmark = pytest.mark.gpu
DEVICES = ("@numpy", "@cupy:0")


def numbers(*shape, seed=1):
    return np.asarray(np.random.RandomState(seed).randn(*shape), np.float32)


def to_host(array):
    return chainer.get_device("@numpy").send(array)


def gradients(function, arrays, device):
    """Return a function's output and the gradients of its inputs."""
    inputs = [chainer.Variable(chainer.get_device(device).send(array)) for array in arrays]
    y = function(*inputs)
    weights = numbers(*y.shape, seed=5).astype(y.dtype)
    grads = chainer.grad([F.sum(y * chainer.get_device(device).send(weights))], inputs)
    return [to_host(y.array), *(to_host(g.array) for g in grads)]


FUNCTIONS = {
    "convolution": (
        lambda x, W, b: F.convolution_2d(x, W, b, stride=2, pad=1),
        [numbers(2, 3, 8, 6), numbers(5, 3, 4, 4), numbers(5)],
    ),
    "convolution whose last row no window reaches": (
        lambda x, W: F.convolution_2d(x, W, stride=3, pad=(0, 1), dilate=(1, 2)),
        [numbers(2, 4, 9, 11), numbers(8, 4, 2, 3)],
    ),
    "convolution of all pixels": (
        lambda x, W, b: F.convolution_2d(x, W, b, stride=2, pad=(1, 2), cover_all=True),
        [numbers(2, 3, 8, 7), numbers(5, 3, 5, 5), numbers(5)],
    ),
    "groups": (
        lambda x, W: F.convolution_2d(x, W, pad=1, groups=2),
        [numbers(2, 8, 5, 5), numbers(4, 4, 3, 3)],
    ),
    "deconvolution": (
        lambda x, W, b: F.deconvolution_2d(x, W, b, stride=2, pad=1),
        [numbers(2, 5, 4, 3), numbers(5, 3, 4, 4), numbers(3)],
    ),
    "deconvolution to a greater size": (
        lambda x, W: F.deconvolution_2d(x, W, stride=2, pad=1, outsize=(9, 8)),
        [numbers(2, 5, 4, 4), numbers(5, 3, 4, 4)],
    ),
    "deconvolution to a size that whole windows do not cover": (
        lambda x, W, b: F.deconvolution_2d(x, W, b, stride=2, pad=1, outsize=(8, 6)),
        [numbers(2, 5, 4, 3), numbers(5, 3, 5, 5), numbers(3)],
    ),
    "batch normalisation": (
        lambda x, gamma, beta: F.batch_normalization(x, gamma, beta),
        [numbers(4, 6, 3, 5), numbers(6, seed=2), numbers(6, seed=3)],
    ),
    "batch normalisation of rows": (
        lambda x, gamma, beta: F.batch_normalization(x, gamma, beta),
        [numbers(7, 12), numbers(12, seed=2), numbers(12, seed=3)],
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_outputs_and_gradients(name):
    found = [gradients(*FUNCTIONS[name], device) for device in DEVICES]
    for on_cpu, on_gpu in zip(*found, strict=True):
        scale = np.abs(on_cpu).max()
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "convolution" in name])
def test_all_three_sums_are_cudnns(name, monkeypatch):
    kinds, run = [], cudnn.run

    def watched(sum_, *arrays):
        kinds.append(sum_.kind)
        return run(sum_, *arrays)

    monkeypatch.setattr(cudnn, "run", watched)
    gradients(*FUNCTIONS[name], "@cupy:0")
    assert sorted(kinds) == ["dgrad", "fprop", "wgrad"]


def spread(array):
    """Return the array's numbers with gaps between them."""
    wide = array.repeat(2, axis=-1)
    return wide[..., ::2]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arrays_with_gaps(name):
    function, arrays = FUNCTIONS[name]
    found = []
    for device in DEVICES:
        inputs = [chainer.Variable(spread(chainer.get_device(device).send(a))) for a in arrays]
        with chainer.using_device(device):
            found.append(to_host(function(*inputs).array))
    np.testing.assert_allclose(*found, rtol=0, atol=1e-5 * np.abs(found[0]).max())


def test_no_cudnn_where_chainer_is_told_so():
    link = L.Convolution2D(3, 4, 3)
    link.to_device("@cupy:0")
    x = chainer.get_device("@cupy:0").send(numbers(2, 3, 6, 6))
    with_cudnn = link(x).array
    assert with_cudnn.transpose(0, 2, 3, 1).flags.c_contiguous
    with chainer.using_config("use_cudnn", "never"):
        without = link(x).array
    np.testing.assert_allclose(to_host(without), to_host(with_cudnn), rtol=1e-4, atol=1e-5)


def test_float16_arrays_stay_float16():
    x, W = numbers(2, 8, 8, 8).astype("e"), numbers(8, 8, 4, 4).astype("e")
    for function in (F.convolution_2d, F.deconvolution_2d):
        y, gx, gW = gradients(partial(function, stride=2, pad=1), (x, W), "@cupy:0")
        assert y.dtype == gx.dtype == gW.dtype == np.float16


@pytest.mark.parametrize("precision", ["tf32", "float16", "bf16"])
def test_coarser_products_of_float32_arrays(precision):
    function, arrays = FUNCTIONS["convolution"]
    expected = gradients(function, arrays, "@numpy")
    with illust_gan.config.using(precision=precision):
        found = gradients(function, arrays, "@cupy:0")
    for on_cpu, on_gpu in zip(expected, found, strict=True):
        assert on_gpu.dtype == np.float32
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=0, atol=0.03 * np.abs(on_cpu).max())


def test_running_statistics_and_test_mode():
    x, found = numbers(4, 6, 3, 5) + 3, []
    for device in DEVICES:
        norm = L.BatchNormalization(6)
        norm.to_device(device)
        array = chainer.get_device(device).send(x)
        norm(array)
        with chainer.using_config("train", False), chainer.no_backprop_mode():
            y = norm(array)
        found.append([to_host(a) for a in (norm.avg_mean, norm.avg_var, y.array)])
    for on_cpu, on_gpu in zip(*found, strict=True):
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)


LOSSES = {
    "sigmoid": (F.sigmoid_cross_entropy, numbers(9, 1) * 5, np.array([[1, 0, -1] * 3]).T),
    "softmax": (F.softmax_cross_entropy, numbers(9, 2) * 5, np.array([1, 0, -1] * 3)),
}


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, normalize):
    function, x, t = LOSSES[name]
    found = []
    for device in DEVICES:
        labels = chainer.get_device(device).send(t.astype(np.int32))
        found.append(gradients(partial(function, t=labels, normalize=normalize), [x], device))
    for on_cpu, on_gpu in zip(*found, strict=True):
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)


def train(device, n, decay=0.01, change=None):
    net = chainer.Sequential(L.Linear(5, 4), L.Linear(4, 3))
    for param in net.params():
        param.array[...] = numbers(*param.shape)
    net.to_device(device)
    adam = chainer.optimizers.Adam(alpha=0.01, beta1=0.5).setup(net)
    if decay:
        adam.add_hook(chainer.optimizer_hooks.WeightDecay(decay))
    x = chainer.get_device(device).send(numbers(6, 5))
    for i in range(n):
        if change is not None:
            change(i, adam)
        net.cleargrads()
        F.sum(net(x) ** 2).backward()
        adam.update()
    return adam, [to_host(param.array) for param in net.params()]


def halve(i, adam):
    adam.hyperparam.alpha = 0.01 / (1 + i)


@pytest.mark.parametrize(("decay", "change"), [(0.01, None), (0, None), (0.01, halve)])
def test_adam(decay, change):
    (_, expected), (adam, found) = (train(device, 5, decay, change) for device in DEVICES)
    assert adam._cuda_group is not None
    assert adam.t == 5
    for on_cpu, on_gpu in zip(expected, found, strict=True):
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)


def test_adam_goes_on_from_a_snapshot(tmp_path):
    adam, expected = train("@cupy:0", 3)
    chainer.serializers.save_npz(tmp_path / "adam.npz", adam)
    states = [rule_state(param) for param in adam.target.params()]
    other, _ = train("@cupy:0", 1)
    chainer.serializers.load_npz(tmp_path / "adam.npz", other)
    for a, b in zip(states, [rule_state(param) for param in other.target.params()], strict=True):
        np.testing.assert_array_equal(a, b)
    for optimizer in (adam, other):
        for param, array in zip(optimizer.target.params(), expected, strict=True):
            param.array[...] = chainer.get_device("@cupy:0").send(array)
            param.grad = chainer.get_device("@cupy:0").send(np.ones_like(array))
        optimizer.update()
    assert adam.t == other.t == 4
    for a, b in zip(adam.target.params(), other.target.params(), strict=True):
        np.testing.assert_array_equal(to_host(a.array), to_host(b.array))


def rule_state(param):
    return np.concatenate([to_host(param.update_rule.state[name]).ravel() for name in "mv"])


def test_other_optimisers_are_chainers_own():
    net = L.Linear(2, 2)
    net.to_device("@cupy:0")
    for optimizer in (
        chainer.optimizers.SGD(),
        chainer.optimizers.AMSGrad(),
        chainer.optimizers.AdaBound(),
    ):
        assert not group.counts_on_device(optimizer.setup(net))
    adam = chainer.optimizers.Adam().setup(net)
    assert group.counts_on_device(adam)
    with illust_gan.config.using(fast=False):
        assert not group.counts_on_device(adam)
    adam.add_hook(chainer.optimizer_hooks.GradientClipping(1.0))
    assert not group.counts_on_device(adam)
    adam.remove_hook("GradientClipping")
    net.b.update_rule.hyperparam.alpha = 1.0
    assert not group.counts_on_device(adam)


def test_means_of_reported_losses(tmp_path):
    losses = [numbers() * i for i in range(1, 5)]
    found = []
    for device in DEVICES:
        summary = chainer.reporter.DictSummary()
        for i, loss in enumerate(losses):
            if i == 2:
                # As when a run is stopped between two entries of the log, and goes on.
                chainer.serializers.save_npz(tmp_path / "summary.npz", summary)
                summary = chainer.reporter.DictSummary()
                chainer.serializers.load_npz(tmp_path / "summary.npz", summary)
            summary.add({"loss": chainer.Variable(chainer.get_device(device).send(loss))})
        found.append({k: float(v) for k, v in summary.make_statistics().items()})
    assert found[1] == pytest.approx(found[0], rel=1e-6)
    assert found[0]["loss"] == pytest.approx(np.mean(losses))
