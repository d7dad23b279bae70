"""Training in the precisions of a GPU, and the scaling of losses that float16 needs."""

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda.loss_scale import LossScale
from illust_gan.functions.cuda.optimizer import loss_scale, set_loss_scale
from tests.training.gpu_updaters import NETS, make_updater, observe, weights

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize(("precision", "bound"), [("tf32", 0.02), ("bf16", 0.1), ("float16", 0.1)])
@pytest.mark.parametrize("net", NETS)
def test_precisions(net, precision, bound):
    losses = []
    for name in ("float32", precision):
        with illust_gan.config.using(precision=name):
            updater = make_updater(net, batchsize=6)
            if precision == "float16":
                for optimizer in updater.get_all_optimizers().values():
                    set_loss_scale(optimizer, LossScale(1024.0))
            losses.append(observe(updater, 6))
            assert updater._device_step._step_graph.graph is not None
            params = [*updater.gen.params(), *updater.dis.params()]
            assert {str(param.dtype) for param in params} == {"float32"}
    np.testing.assert_allclose(losses[1], losses[0], atol=bound)
    if precision != "tf32":  # which the emulation does not round
        assert (losses[1] != losses[0]).any()


def test_a_loss_scale_that_overflows_shrinks_and_nothing_else_changes():
    with illust_gan.config.using(precision="float16"):
        updater = make_updater("rezoolab")
        scale = LossScale(2.0**24)
        set_loss_scale(updater.get_optimizer("gen"), scale)
        before = dict(weights(updater))
        observe(updater, 1)
        assert float(scale.array[0]) == 2.0**23
        after = dict(weights(updater))
        moved = {path for path in before if (after[path] != before[path]).any()}
        # Batch normalisation's own statistics move all the same.
        assert {path for path in moved if path.startswith("gen")} == {
            f"gen/norm{i}/avg_{what}" for i in (1, 2) for what in ("mean", "var")
        }
        assert any(path.startswith("dis") for path in moved)
        losses = observe(updater, 25)
        assert np.isfinite(losses).all()
        assert float(scale.array[0]) < 2.0**20
        assert (dict(weights(updater))["gen/first/W"] != before["gen/first/W"]).any()


def test_loss_scales_are_saved(tmp_path):
    path, without = tmp_path / "scaled.npz", tmp_path / "plain.npz"
    states = {"gen": (512.0, 3), "dis": (64.0, 7)}
    updater = make_updater("rezoolab")
    observe(updater, 1)
    chainer.serializers.save_npz(without, updater)
    for name, state in states.items():
        set_loss_scale(updater.get_optimizer(name), LossScale())
        loss_scale(updater.get_optimizer(name)).state = np.array(state)
    chainer.serializers.save_npz(path, updater)
    for snapshot, expected in ((path, states), (without, dict.fromkeys(states, (2.0**16, 0)))):
        other = make_updater("rezoolab")
        for optimizer in other.get_all_optimizers().values():
            set_loss_scale(optimizer, LossScale())
        chainer.serializers.load_npz(snapshot, other)
        for name, state in expected.items():
            np.testing.assert_array_equal(loss_scale(other.get_optimizer(name)).state, state)
    chainer.serializers.load_npz(path, make_updater("rezoolab"))
