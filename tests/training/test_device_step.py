"""Iterations on a GPU: the same as kernels one by one and as a graph, and the same as the CPU's."""

import dataclasses
import gc
import warnings

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import RECIPES
from illust_gan.training.updater import DCGANUpdater
from tests.training.gpu_updaters import (
    NETS,
    N,
    is_emulated,
    make_updater,
    observe,
    pictures,
    weights,
)
from tests.training.small_nets import small

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize(
    "net", [*NETS, *(RECIPES[net] for net in NETS)], ids=lambda n: getattr(n, "name", n)
)
def test_a_graph_does_what_kernels_do_one_by_one(net):
    if not isinstance(net, str) and is_emulated():
        pytest.skip("the articles' own nets take minutes on an emulated GPU")
    plain, graphed = make_updater(net, graph=False), make_updater(net, graph=True)
    n = 6 if is_emulated() else 100
    np.testing.assert_allclose(observe(graphed, n), observe(plain, n), rtol=1e-5)
    assert graphed._device_step._step_graph.graph is not None
    assert plain._device_step._step_graph is None
    for (path, a), (_, b) in zip(weights(graphed), weights(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=path)
    for name, steps in (("gen", n * plain.recipe.gen_updates), ("dis", n)):
        assert graphed.get_optimizer(name).t == plain.get_optimizer(name).t == steps
        rule = next(graphed.get_optimizer(name).target.params()).update_rule
        assert rule.t == steps
        assert int(graphed.get_optimizer(name)._cuda_group.t[0]) == steps


@pytest.mark.parametrize("net", NETS)
def test_a_generator_that_is_updated_twice(net):
    recipe = dataclasses.replace(small(net), mirror=False, gen_updates=2)
    plain, graphed = make_updater(recipe, graph=False), make_updater(recipe, graph=True)
    np.testing.assert_allclose(observe(graphed, 6), observe(plain, 6), rtol=1e-5)
    assert graphed._device_step._step_graph.graph is not None
    for (path, a), (_, b) in zip(weights(graphed), weights(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=path)
    for name, n in (("gen", 12), ("dis", 6)):
        assert graphed.get_optimizer(name).t == plain.get_optimizer(name).t == n
        assert int(graphed.get_optimizer(name)._cuda_group.t[0]) == n

    cpu, gpu = (make_updater(recipe, device, SameZ) for device in ("@numpy", "@cupy:0"))
    np.testing.assert_allclose(observe(gpu, 4), observe(cpu, 4), rtol=2e-3, atol=1e-4)


class SameZ(DCGANUpdater):
    """Draws z on the host, as the CPU does."""

    def draw_z(self, n, rng):
        return super().draw_z(n, rng)


@pytest.mark.parametrize("net", NETS)
def test_a_gpu_learns_what_the_cpu_learns(net):
    recipe = dataclasses.replace(small(net), mirror=False)
    cpu, gpu = (make_updater(recipe, device, SameZ) for device in ("@numpy", "@cupy:0"))
    np.testing.assert_allclose(observe(gpu, 4), observe(cpu, 4), rtol=2e-3, atol=1e-4)
    assert gpu._device_step._step_graph.graph is not None


def test_minibatches_are_counted_within_the_graph(tmp_path):
    recipe = dataclasses.replace(small("sugyan"), mirror=False)
    cpu, gpu = (make_updater(recipe, device, SameZ) for device in ("@numpy", "@cupy:0"))
    for updater in (cpu, gpu):
        observe(updater, 6)
    assert gpu._device_step._step_graph.n_calls == 6
    expected, found = dict(weights(cpu)), dict(weights(gpu))
    averages = [path for path in found if path.endswith(("/avg_mean", "/avg_var"))]
    assert len(averages) == 16
    for path in averages:
        np.testing.assert_allclose(found[path], expected[path], rtol=1e-3, atol=1e-4, err_msg=path)

    # The discriminator sees two minibatches in an iteration.
    counted = {path: int(n) for path, n in found.items() if path.endswith("/N")}
    assert counted == {path: 6 if path.startswith("gen") else 12 for path in counted}
    chainer.serializers.save_npz(tmp_path / "snapshot.npz", gpu)
    with np.load(tmp_path / "snapshot.npz") as arrays:
        assert arrays["model:gen/conv1_bn/N"] == 6
    again = make_updater(recipe, cls=SameZ)
    observe(again, 3)  # a graph is there, and goes on from what is loaded
    graph = again._device_step._step_graph.graph
    chainer.serializers.load_npz(tmp_path / "snapshot.npz", again)
    np.testing.assert_array_equal(observe(again, 4), observe(gpu, 4))
    assert again._device_step._step_graph.graph is graph is not None
    for (path, a), (_, b) in zip(weights(again), weights(gpu), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=path)


def test_an_iteration_draws_the_same_from_wherever_it_is_repeated():
    updater = make_updater("maccha")
    observe(updater, 5)
    step = updater._device_step
    drawn, coins = step.z.get(), step.flips.get()
    again = make_updater("maccha")
    again.iteration = 4
    observe(again, 1)
    np.testing.assert_array_equal(again._device_step.z.get(), drawn)
    np.testing.assert_array_equal(again._device_step.flips.get(), coins)
    assert set(np.unique(coins)) <= {0, 1}
    observe(again, 1)
    assert (again._device_step.z.get() != drawn).any()


def test_another_batch_size_is_captured_anew():
    updater = make_updater("rezoolab")
    observe(updater, 4)
    first = updater._device_step._step_graph
    updater.get_iterator("main").batch_size = 2
    losses = observe(updater, 4)
    assert updater._device_step._step_graph is not first
    assert updater._device_step._step_graph.graph is not None
    assert np.isfinite(losses).all()
    assert updater.get_optimizer("gen").t == 8


def test_alpha_and_new_weights_reach_the_graph():
    updaters = [make_updater("rezoolab", graph=graph) for graph in (True, False)]
    for updater in updaters:
        observe(updater, 4)
        updater.get_optimizer("gen").hyperparam.alpha *= 0.5
        for _, param in updater.dis.namedparams():
            param.array = param.array * 0.5
    losses = [observe(updater, 5) for updater in updaters]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    for (path, a), (_, b) in zip(*map(weights, updaters), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=path)


def test_what_cannot_be_captured_is_done_kernel_by_kernel():
    updater = make_updater("rezoolab")
    hook = chainer.optimizer_hooks.GradientClipping(1.0)
    updater.get_optimizer("gen").add_hook(hook)
    plain = make_updater("rezoolab", graph=False)
    plain.get_optimizer("gen").add_hook(chainer.optimizer_hooks.GradientClipping(1.0))
    with pytest.warns(UserWarning, match="kernel by kernel.* counts its steps on the host"):
        losses = observe(updater, 5)
    np.testing.assert_allclose(losses, observe(plain, 5), rtol=1e-5)
    assert updater.get_optimizer("gen").t == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda adam: adam.add_hook(chainer.optimizer_hooks.WeightDecay(0.5), "more"),
        lambda adam: setattr(next(adam.target.params()).update_rule, "enabled", False),
        lambda adam: setattr(next(adam.target.params()).update_rule.hyperparam, "alpha", 0.1),
        lambda adam: setattr(adam, "beta1", 0.9),
        lambda adam: next(adam.target.params()).update_rule.add_hook(
            chainer.optimizer_hooks.GradientNoise(0.0, lambda xp, shape, *rest: xp.ones(shape, "f"))
        ),
    ],
    ids=["hook", "frozen", "alpha of one", "beta1", "hook of one"],
)
def test_changes_of_the_optimizer_are_not_passed_over(change):
    updaters = [make_updater("rezoolab", graph=graph) for graph in (True, False)]
    for updater in updaters:
        observe(updater, 4)
        change(updater.get_optimizer("dis"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that iterations are done kernel by kernel
        losses = [observe(updater, 5) for updater in updaters]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    for (path, a), (_, b) in zip(*map(weights, updaters), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=path)


class Reads(DCGANUpdater):
    """Reads a number back within an iteration."""

    def learn(self, z, x_real):
        losses = super().learn(z, x_real)
        float(losses[0].array)
        return losses


def test_a_capture_that_fails_has_done_nothing():
    updater, plain = make_updater("rezoolab", cls=Reads), make_updater("rezoolab", graph=False)
    with pytest.warns(UserWarning, match="kernel by kernel"):
        losses = observe(updater, 5)
    np.testing.assert_allclose(losses, observe(plain, 5), rtol=1e-5)
    rules = {param.update_rule.t for param in updater.gen.params()}
    assert rules == {5} == {updater.get_optimizer("gen").t}


def test_pictures_on_the_device_are_the_same_pictures():
    import cupy

    losses = []
    for send in (np.asarray, cupy.asarray):
        updater = make_updater("maccha")
        pixels = updater.get_iterator("main").dataset
        pixels.send = send
        losses.append(observe(updater, 4))
    np.testing.assert_array_equal(*losses)


def test_a_converter_of_ones_own():
    """One that dims pictures, to whole numbers or to floats."""

    def dim(batch, device):
        return device.send(batch // 2)

    def dim_floats(batch, device):
        floats = (batch // 2).transpose(0, 3, 1, 2).astype(np.float32)
        return device.send((floats - 128) / 128)

    losses = []
    for convert in (dim, dim_floats):
        updater = make_updater("maccha", converter=convert)
        losses.append(observe(updater, 4))
        assert updater._device_step._step_graph.graph is not None
    np.testing.assert_allclose(*losses, rtol=1e-5)
    # The first loss of G does not know of the data set.
    assert (losses[0][:, 1] != observe(make_updater("maccha"), 4)[:, 1]).all()


def test_pictures_of_floats():
    recipe = small("maccha")
    floats = list((pictures(recipe).transpose(0, 3, 1, 2).astype("f") - 128) / 128)
    losses = []
    for data in (list(pictures(recipe)), floats):
        updater = make_updater(recipe)
        iterator = chainer.iterators.SerialIterator(data, N, shuffle=False)
        updater._iterators["main"] = iterator
        losses.append(observe(updater, 5))
        assert updater._device_step._step_graph.graph is not None
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_nets_on_two_devices_are_brought_together():
    recipe = small("rezoolab")
    gen, dis = recipe.Generator(), recipe.Discriminator()
    gen.to_device("@cupy:0")
    optimizer = {"gen": recipe.make_optimizer(gen), "dis": recipe.make_optimizer(dis)}
    iterator = chainer.iterators.SerialIterator(list(pictures(recipe)), N)
    updater = DCGANUpdater(iterator, optimizer, recipe)
    assert gen.device == dis.device == chainer.get_device("@cupy:0")
    observe(updater, 1)


def test_pictures_on_another_device_are_refused(avatars, tmp_path):
    dataset = illust_gan.PackedDataset(avatars).to_device("@cupy:0")
    with pytest.raises(illust_gan.UserError, match=r"are on @cupy:0, and the nets are to be on @n"):
        illust_gan.make_trainer("rezoolab", dataset, tmp_path, length=(1, "iteration"), batchsize=4)


def test_memory_does_not_grow():
    import cupy

    updater = make_updater("rezoolab")
    observe(updater, 5)
    gc.collect()  # what other tests have left
    pools = cupy.get_default_memory_pool(), updater._device_step._step_graph.pool
    before = [pool.total_bytes() for pool in pools]
    for _ in range(20 if is_emulated() else 10_000):
        updater.update()
    assert [pool.total_bytes() for pool in pools] == before


def test_extensions_see_the_weights_between_iterations():
    """An average of weights that is taken on the default stream, after each iteration."""
    averages = []
    for graph in (True, False):
        updater = make_updater("rezoolab", graph=graph)
        W, average = updater.gen.first.W, 0
        for _ in range(6):
            updater.update()
            average = 0.5 * average + 0.5 * W.array
        averages.append(average.get())
    np.testing.assert_allclose(*averages, rtol=1e-5)
