"""Nets with labels on a GPU: as on the CPU, kernel by kernel and as a graph."""

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda.loss_scale import LossScale
from illust_gan.functions.cuda.optimizer import set_loss_scale
from illust_gan.training.updater import DCGANUpdater
from tests.training.gpu_updaters import make_updater, observe, weights
from tests.training.small_nets import small

pytestmark = pytest.mark.gpu


class SameZ(DCGANUpdater):
    """Draws z on the host, as the CPU does."""

    def draw_z(self, n, rng):
        return super().draw_z(n, rng)


def test_a_graph_does_what_kernels_do_one_by_one():
    recipe = small("kim-conditional")
    plain, graphed = make_updater(recipe, graph=False), make_updater(recipe, graph=True)
    np.testing.assert_allclose(observe(graphed, 6), observe(plain, 6), rtol=1e-5)
    assert graphed._device_step._step_graph.graph is not None
    for (path, a), (_, b) in zip(weights(graphed), weights(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=path)


def test_a_gpu_learns_what_the_cpu_learns():
    recipe = small("kim-conditional")
    cpu, gpu = (make_updater(recipe, device, SameZ) for device in ("@numpy", "@cupy:0"))
    np.testing.assert_allclose(observe(gpu, 4), observe(cpu, 4), rtol=2e-3, atol=1e-4)
    assert gpu._device_step._step_graph.graph is not None


def test_a_graph_reads_the_labels_of_each_minibatch():
    given, other = (make_updater(small("kim-conditional")) for _ in range(2))
    observe(given, 3)
    observe(other, 3)
    other.get_iterator("main")._labels = np.zeros(12, np.int32)
    assert (observe(given, 1) != observe(other, 1)).any()


@pytest.mark.parametrize(("precision", "bound"), [("tf32", 0.02), ("bf16", 0.1), ("float16", 0.1)])
def test_precisions(precision, bound):
    losses = []
    for name in ("float32", precision):
        with illust_gan.config.using(precision=name):
            updater = make_updater(small("kim-conditional"), batchsize=6)
            if precision == "float16":
                for optimizer in updater.get_all_optimizers().values():
                    set_loss_scale(optimizer, LossScale(1024.0))
            losses.append(observe(updater, 6))
            assert updater._device_step._step_graph.graph is not None
    np.testing.assert_allclose(losses[1], losses[0], atol=bound)


def test_pictures_drawn_by_a_gpu_are_the_cpus():
    updater = make_updater(small("kim-conditional"))
    observe(updater, 4)
    gen = updater.gen
    on_gpu = illust_gan.generate(illust_gan.with_label(gen, 1), 5)
    gen.to_device("@numpy")
    on_cpu = illust_gan.generate(illust_gan.with_label(gen, 1), 5)
    assert abs(on_gpu.astype(int) - on_cpu).max() <= 1
    assert chainer.get_device("@numpy") == gen.device
