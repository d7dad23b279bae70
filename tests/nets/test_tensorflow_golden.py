"""What TensorFlow computed, these nets compute from the same variables."""

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import kim, kim_conditional, sugyan
from tests.golden_run import GOLDEN

NETS = {
    "tf-sugyan-generator": sugyan,
    "tf-sugyan-discriminator": sugyan,
    "tf-kim": kim,
    "tf-kim-conditional": kim_conditional,
}
GENERATORS = ("tf-sugyan-generator", "tf-kim", "tf-kim-conditional")
LOGITS = {"tf-sugyan-discriminator": "y", "tf-kim": "y", "tf-kim-conditional": "l"}
# In training mode, statistics of three pictures are divided by, which multiplies rounding.
TOLERANCES = {"train": 5e-6, "test": 2e-6}


@pytest.fixture(params=[True, False], ids=["fast", "plain"], autouse=True)
def path(request):
    with illust_gan.config.using(fast=request.param):
        yield


@pytest.fixture(params=["train", "test"])
def mode(request):
    with chainer.using_config("train", request.param == "train"):
        yield request.param


def read(name):
    """The golden file's path, its arrays, and its labels as arguments of a net."""
    arrays = dict(np.load(GOLDEN / f"{name}.npz", allow_pickle=False))
    return GOLDEN / f"{name}.npz", arrays, [arrays["y"]] if "y" in arrays else []


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("graph", [True, False], ids=["graph", "no-graph"])
def test_generator(name, mode, graph):
    file, arrays, labels = read(name)
    gen = illust_gan.load_tensorflow_generator(file)
    assert type(gen) is NETS[name].Generator
    with chainer.using_config("enable_backprop", graph):
        x = gen(arrays["z"], *labels).array
    assert x.dtype == np.float32
    there = arrays[f"x_{mode}"].transpose(0, 3, 1, 2)
    np.testing.assert_allclose(x, there, rtol=0, atol=TOLERANCES[mode])


@pytest.mark.parametrize("name", LOGITS)
def test_discriminator(name, mode):
    file, arrays, labels = read(name)
    dis = illust_gan.load_tensorflow_discriminator(file)
    assert type(dis) is NETS[name].Discriminator
    y = dis(arrays["d_in"].transpose(0, 3, 1, 2), *labels).array
    there = arrays[f"{LOGITS[name]}_{mode}"]
    scale = max(np.abs(there).max(), 1)
    np.testing.assert_allclose(y, there, rtol=0, atol=TOLERANCES[mode] * scale)


@pytest.mark.parametrize("name", NETS)
def test_every_variable_has_its_place(name):
    file, arrays, _ = read(name)
    nets = []
    if name in GENERATORS:
        nets.append(illust_gan.load_tensorflow_generator(file))
    if name in LOGITS:
        nets.append(illust_gan.load_tensorflow_discriminator(file))
    averages = [
        array
        for net in nets
        for link in net.children()
        if hasattr(link, "avg_mean")
        for array in (link.avg_mean, link.avg_var)
    ]
    params = [param.array for net in nets for param in net.params()]
    theirs = np.concatenate([a.ravel() for k, a in arrays.items() if k.startswith("var:")])
    ours = np.concatenate([a.ravel() for a in params + averages])
    np.testing.assert_array_equal(np.sort(ours), np.sort(theirs))


@pytest.mark.gpu
@pytest.mark.parametrize("name", GENERATORS)
def test_generator_on_gpu(name, mode):
    file, arrays, labels = read(name)
    gen = illust_gan.load_tensorflow_generator(file)
    gen.to_device("@cupy:0")
    x = gen(*map(gen.device.send, [arrays["z"], *labels])).array.get()
    there = arrays[f"x_{mode}"].transpose(0, 3, 1, 2)
    np.testing.assert_allclose(x, there, rtol=0, atol=1e-5)


# Labels are taken apart by sections that Chainer gives in NumPy's array, which CuPy takes and the
# emulated CuPy of these tests does not.
@pytest.mark.gpu
@pytest.mark.parametrize("name", ["tf-sugyan-generator", "tf-kim"])
def test_gradients_on_gpu(name, mode):
    file, arrays, _ = read(name)
    on_gpu, on_cpu = (gradients(file, arrays["z"], device) for device in ("@cupy:0", "@numpy"))
    for path, expected in on_cpu.items():
        np.testing.assert_allclose(
            on_gpu[path], expected, rtol=0, atol=1e-4 * abs(expected).max(), err_msg=path
        )


def gradients(file, z, device):
    """Of the weights: biases before a normalisation have none but rounding."""
    gen = illust_gan.load_tensorflow_generator(file)
    gen.to_device(device)
    gen.cleargrads()
    x = gen(gen.device.send(z))
    x.grad = gen.device.xp.ones_like(x.array)
    x.backward()
    params = [(path, param.grad) for path, param in gen.namedparams() if path.endswith("/W")]
    return {path: chainer.get_device("@numpy").send(grad) for path, grad in params}
