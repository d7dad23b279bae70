"""A layer as one function on a GPU, beside Chainer's three functions on the CPU."""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda import convolution
from illust_gan.functions.cuda.cast import cast
from illust_gan.functions.cuda.layer import Layer
from illust_gan.generation.one_label import with_label
from illust_gan.nets import layers, sugyan
from illust_gan.nets.activations import leaky_relu
from illust_gan.nets.same_padding import SameConvolution2D, same_deconvolution

pytestmark = pytest.mark.gpu
ACTIVATIONS = [F.relu, F.elu, leaky_relu, F.leaky_relu, F.tanh, None]
# Rounding of 8 and 11 bits, over sums of some hundred products.
BOUNDS = {"float32": 2e-5, "tf32": 5e-3, "float16": 5e-3, "bf16": 4e-2}


# Layers that pad as TensorFlow does, which is another way for pictures of even and of odd size.
OF_TENSORFLOW = ["same 8×6", "same 7×8", "same to 8", "same to 7"]


def numbers(*shape, seed=1):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def make(kind, normalized, nobias=False):
    rng = np.random.RandomState(0)
    if kind == "linear":
        link, x = L.Linear(20, 48, nobias=nobias), numbers(6, 20)
    elif kind == "few":
        link, x = L.Linear(5 * 4 * 4, 2, nobias=nobias), numbers(6, 5, 4, 4)
    elif kind == "convolution":
        link, x = L.Convolution2D(6, 8, 4, 2, 1, nobias=nobias), numbers(3, 6, 8, 8)
    elif kind == "deconvolution":
        link, x = L.Deconvolution2D(8, 6, 4, 2, 1, nobias=nobias), numbers(3, 8, 4, 4)
    elif kind.startswith("same to"):
        link, x = same_deconvolution(8, 6, int(kind[-1]), nobias=nobias), numbers(3, 8, 4, 4)
    else:
        link = SameConvolution2D(6, 8, nobias=nobias)
        x = numbers(3, 6, int(kind[-3]), int(kind[-1]))
    n_out = link.W.shape[1] if isinstance(link, L.Deconvolution2D) else len(link.W)
    norm = None
    if normalized:
        norm = L.BatchNormalization(n_out) if normalized is True else normalized(n_out)
    for net in filter(None, (link, norm)):
        for param in net.params():
            param.array[...] = rng.randn(*param.shape) * (0.1 if param.name == "W" else 1)
    if normalized:
        norm.avg_mean[...] = rng.randn(n_out)
        norm.avg_var[...] = rng.rand(n_out) + 0.5
    return link, norm, x


def run(link, norm, x, activation, device, precision="float32"):
    """Return the output, all gradients and the running statistics, on the CPU."""
    cpu, device = chainer.get_device("@numpy"), chainer.get_device(device)
    for net in filter(None, (link, norm)):
        net.to_device(device)
        net.cleargrads()
    x = chainer.Variable(device.send(x))
    with illust_gan.config.using(precision=precision):
        y = layers.layer(x, link, norm, activation)
        if device.xp is not np:
            assert isinstance(y.creator, Layer)
        hidden = y
        if y.dtype != np.float32:
            y = cast(y, np.float32)
        y.grad = device.send(numbers(*y.shape, seed=2))
        y.backward()
    results = {"y": y.array, "x": x.grad}
    for net in filter(None, (link, norm)):
        results.update({f"{net.__class__.__name__}{k}": p.grad for k, p in net.namedparams()})
    if norm is not None:
        results.update(avg_mean=norm.avg_mean, avg_var=norm.avg_var)
        if not isinstance(norm.N, int):
            results.update(N=norm.N)
    return {name: np.asarray(cpu.send(array)) for name, array in results.items()}, hidden


def assert_same_as_three_functions(kind, activation, normalized, train, nobias=False):
    with chainer.using_config("train", train):
        expected, _ = run(*make(kind, normalized, nobias), activation, "@numpy")
        found, _ = run(*make(kind, normalized, nobias), activation, "@cupy:0")
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        scale = max(np.abs(array).max(), 1e-3)
        bias_before_norm = normalized and train and name.endswith("/b") and "Batch" not in name
        np.testing.assert_allclose(
            found[name], array, rtol=0, atol=1e-4 if bias_before_norm else 2e-5 * scale,
            err_msg=name,
        )  # fmt: skip


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda f: getattr(f, "__name__", "none"))
@pytest.mark.parametrize("kind", ["convolution", "deconvolution", "linear", "few"])
def test_same_as_three_functions(kind, activation, normalized, train):
    assert_same_as_three_functions(kind, activation, normalized, train)


def counting(n):
    return sugyan.Normalization(n, 1e-3)


def without_beta(n):
    return L.BatchNormalization(n, use_beta=False)


def of_neither(n):
    return L.BatchNormalization(n, use_gamma=False, use_beta=False)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("normalized", [True, False, counting])
@pytest.mark.parametrize("kind", OF_TENSORFLOW)
def test_layers_of_tensorflows_nets(kind, normalized, train):
    assert_same_as_three_functions(kind, leaky_relu, normalized, train, nobias=normalized)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("normalized", [counting, without_beta, of_neither])
@pytest.mark.parametrize("kind", ["convolution", "linear"])
def test_without_gamma_or_beta(kind, normalized, train):
    assert_same_as_three_functions(kind, F.relu, normalized, train)


def test_a_decay_that_is_counted():
    expected, found = [], []
    for seen, device in ((expected, "@numpy"), (found, "@cupy:0")):
        link, norm, x = make("linear", counting)
        norm.N = 3  # as somebody may set it
        for net in (link, norm):
            net.to_device(device)
        for i in range(4):
            if i == 2:
                norm.N = 10**6
            layers.layer(chainer.get_device(device).send(x + i), link, norm, F.relu)
            cpu = chainer.get_device("@numpy")
            seen += [np.array(cpu.send(array)) for array in (norm.avg_mean, norm.avg_var)]
            assert norm.decay == sugyan.DECAY
        assert int(norm.N) == 10**6 + 2
    for on_cpu, on_gpu in zip(expected, found, strict=True):
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)


class Subclass(sugyan.Normalization):
    """Of which nobody knows what its forward may do."""


def test_a_strangers_links_are_called():
    class Strange(SameConvolution2D):
        def padding(self, shape):
            return (0, 0)

    x = chainer.get_device("@cupy:0").send(numbers(2, 3, 8, 8))
    for link, norm in ((SameConvolution2D(3, 4), Subclass(4, 1e-3)), (Strange(3, 4), None)):
        for net in filter(None, (link, norm)):
            net.to_device("@cupy:0")
        assert not isinstance(layers.layer(x, link, norm, F.relu).creator, Layer)


def test_a_size_that_the_picture_cannot_come_to():
    link = same_deconvolution(8, 6, 12)
    link.to_device("@cupy:0")
    x = chainer.get_device("@cupy:0").send(numbers(3, 8, 4, 4))
    with pytest.raises(chainer.utils.type_check.InvalidType):
        layers.layer(x, link, None, F.relu)


@pytest.mark.parametrize("precision", ["tf32", "float16", "bf16"])
@pytest.mark.parametrize("normalized", [True, counting])
@pytest.mark.parametrize("kind", OF_TENSORFLOW)
def test_precisions_of_tensorflows_nets(kind, normalized, precision):
    # ELU's gradient has no leap, by which few channels would differ.
    assert_precision(kind, normalized, F.elu, precision)


@pytest.mark.parametrize("precision", ["tf32", "float16", "bf16"])
@pytest.mark.parametrize("kind", ["convolution", "deconvolution", "linear", "few"])
def test_precisions(kind, precision):
    assert_precision(kind, True, F.relu, precision)


def assert_precision(kind, normalized, activation, precision):
    expected, _ = run(*make(kind, normalized), activation, "@numpy")
    found, hidden = run(*make(kind, normalized), activation, "@cupy:0", precision)
    for name, array in expected.items():
        scale = max(np.abs(array).max(), 1)
        difference = np.abs(found[name] - array)
        # Where x is next to 0, ReLU's gradient is there or not.
        assert np.quantile(difference, 0.98) <= 2 * BOUNDS[precision] * scale, name
    halves = {"tf32": "float32", "float16": "float16", "bf16": "bfloat16"}
    # The product of few outputs is float32, and so is what follows.
    assert str(hidden.dtype) == ("float32" if kind == "few" else halves[precision])


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("kind", ["convolution", "deconvolution", "linear", *OF_TENSORFLOW])
def test_products_that_cudnn_has_no_plan_for(kind, normalized, monkeypatch):
    monkeypatch.setattr(convolution.cudnn, "run", lambda *args: False)
    expected, _ = run(*make(kind, normalized), F.elu, "@numpy")
    found, _ = run(*make(kind, normalized), F.elu, "@cupy:0")
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-4, err_msg=name)


def test_one_example_has_no_statistics():
    link, norm, x = make("linear", True)
    link.to_device("@cupy:0")
    norm.to_device("@cupy:0")
    x = chainer.get_device("@cupy:0").send(x)
    with pytest.warns(UserWarning, match="no more than one sample"):
        layers.layer(x[:1], link, norm, F.relu)
    assert layers.layer(x[:0], link, None, F.relu).shape == (0, 48)


@pytest.mark.parametrize("precision", ["float16", "bf16"])
@pytest.mark.parametrize("normalized", [True, False])
def test_other_activations_behind_layers_of_16_bits(normalized, precision):
    link, norm, x = make("same to 8", normalized)
    for net in filter(None, (link, norm)):
        net.to_device("@cupy:0")
    x = chainer.Variable(chainer.get_device("@cupy:0").send(x))
    expected = F.sigmoid(layers.layer(x, link, norm))
    with illust_gan.config.using(precision=precision):
        y = layers.layer(cast(x, convolution.dtype_of(precision)), link, norm, F.sigmoid)
        y.grad = chainer.get_device("@cupy:0").send(numbers(*y.shape))
        y.backward()
    assert y.dtype == x.grad.dtype == np.float32
    difference = chainer.get_device("@numpy").send(abs(y.array - expected.array))
    assert 0 < difference.max() < 2 * BOUNDS[precision]


@pytest.mark.parametrize("precision", ["float16", "bf16"])
def test_what_leaves_a_net_is_float32(precision):
    for activation in (None, F.tanh):
        _, y = run(*make("deconvolution", False), activation, "@cupy:0", precision)
        assert y.dtype == np.float32


def test_without_a_bias_of_its_own():
    for kind in ("convolution", "deconvolution", "linear", "few"):
        expected, _ = run(*make(kind, True, nobias=True), F.elu, "@numpy")
        found, _ = run(*make(kind, True, nobias=True), F.elu, "@cupy:0")
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("kind", "normalized"),
    [("convolution", True), ("same 7×8", counting), ("same to 8", of_neither)],
)
def test_gradients_of_gradients_are_chainers(kind, normalized):
    found = []
    for device in ("@numpy", "@cupy:0"):
        link, norm, x = make(kind, normalized)
        link.to_device(device)
        norm.to_device(device)
        x = chainer.Variable(chainer.get_device(device).send(x))
        y = layers.layer(x, link, norm, F.elu)
        (gx,) = chainer.grad([F.sum(y**2)], [x], enable_double_backprop=True)
        (ggx,) = chainer.grad([F.sum(gx**2)], [x])
        found.append(chainer.get_device("@numpy").send(ggx.array))
    np.testing.assert_allclose(*found, rtol=1e-3, atol=1e-3)


def test_gradients_of_gradients_between_layers_of_16_bits():
    found = []
    for precision in ("float32", "bf16"):
        (link, norm, x), (other, _, _) = make("convolution", True), make("deconvolution", False)
        for net in (link, norm, other):
            net.to_device("@cupy:0")
        x = chainer.Variable(chainer.get_device("@cupy:0").send(x))
        with illust_gan.config.using(precision=precision):
            h = layers.layer(x, link, norm, F.elu)
            y = layers.layer(h, other, None, F.tanh)
            (gx,) = chainer.grad([F.sum(y**2)], [x], enable_double_backprop=True)
            (gW,) = chainer.grad([F.sum(gx**2)], [link.W])
        found.append(chainer.get_device("@numpy").send(gW.array))
    difference = np.abs(found[1] - found[0])
    assert 0 < np.quantile(difference, 0.9) < 0.1 * np.abs(found[0]).max()


@pytest.mark.parametrize("fast", [True, False])
def test_only_where_nobody_looks_between(fast):
    link, norm, x = make("convolution", True)
    link.to_device("@cupy:0")
    norm.to_device("@cupy:0")
    x = chainer.get_device("@cupy:0").send(x)

    class Watch(chainer.LinkHook):
        name = "Watch"
        seen = 0

        def forward_postprocess(self, args):
            self.seen += 1

    watch = Watch()
    with illust_gan.config.using(fast=fast):
        assert isinstance(layers.layer(x, link, norm, F.relu).creator, Layer) == fast
        with watch:
            layers.layer(x, link, norm, F.relu)
        assert watch.seen == 2
        with chainer.using_config("debug", True):
            assert not isinstance(layers.layer(x, link, norm, F.relu).creator, Layer)
        assert not isinstance(layers.layer(x, link, norm, F.sigmoid).creator, Layer)


def test_faces_are_the_cpus_faces():
    from illust_gan.nets import RECIPES

    for recipe in RECIPES.values():
        gen, _ = recipe.make_nets(std=0.1, rng=np.random.RandomState(0))
        if recipe.has_labels:
            gen = with_label(gen, 3)
        expected = illust_gan.generate(gen, 2, seed=1).astype(int)
        gen.to_device("@cupy:0")
        found = illust_gan.generate(gen, 2, seed=1).astype(int)
        assert np.abs(found - expected).max() <= 1
