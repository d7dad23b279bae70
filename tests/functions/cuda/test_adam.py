"""Adam on the device makes the steps of Chainer's own."""

import chainer
import numpy as np
import pytest

import illust_gan
from illust_gan.functions.cuda.adam import Group

pytestmark = pytest.mark.gpu

SHAPES = [(3,), (64, 31), (5, 1027)]
ADAMW = {"alpha": 3e-3, "beta1": 0.5, "beta2": 0.99, "eps": 1e-6, "eta": 0.7}


class Params:
    """Parameters on the device with their moments, and the same in Chainer on the CPU."""

    def __init__(self, shapes, t=0, decay=0.0, seed=0, **hyper):
        import cupy

        rng = np.random.RandomState(seed)
        start = [rng.randn(*shape).astype("f") for shape in shapes]
        moments = [rng.rand(*shape).astype("f") * (t > 0) for shape in shapes]
        self.link = chainer.Link()
        with self.link.init_scope():
            for i, p in enumerate(start):
                setattr(self.link, f"p{i:03}", chainer.Parameter(p.copy()))
        self.optimizer = chainer.optimizers.Adam(**hyper).setup(self.link)
        # An update makes the moments.
        self.step_chainer([np.zeros_like(p) for p in start])
        if decay:
            self.optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(decay))
        for param, moment in zip(self.params(), moments):
            for name in "mv":
                param.update_rule.state[name][...] = moment
            param.update_rule.t = t
        self.group = Group(t, decay=decay, **hyper)
        self.ps = [cupy.asarray(param.array) for param in self.params()]
        self.gs = [cupy.empty_like(p) for p in self.ps]
        self.ms, self.vs = ([cupy.array(moment) for moment in moments] for _ in "mv")

    def params(self):
        return sorted(self.link.params(), key=lambda param: param.name)

    def step(self, gradients, factor=1.0, **options):
        """A step on the device only; its gradients are given times a factor."""
        for g, new in zip(self.gs, gradients):
            g.set(new * np.float32(factor))
        self.group.step(self.ps, self.gs, self.ms, self.vs, **options)

    def step_chainer(self, gradients):
        for param, new in zip(self.params(), gradients):
            param.grad = new.copy()
        with illust_gan.config.using(fast=False):
            self.optimizer.update()

    def state(self):
        """Everything on the device, as bytes."""
        return [a.get().tobytes() for a in (*self.ps, *self.ms, *self.vs, self.group.t)]

    def check(self):
        for i, param in enumerate(self.params()):
            state = param.update_rule.state
            for ours, theirs in (
                (self.ps[i], param.array),
                (self.gs[i], param.grad),
                (self.ms[i], state["m"]),
                (self.vs[i], state["v"]),
            ):
                # Where numbers of either sign were added, the larger ones set the error.
                near_zero = 1e-6 * np.abs(theirs).max(initial=0)
                np.testing.assert_allclose(ours.get(), theirs, rtol=1e-6, atol=near_zero)
            assert int(self.group.t.get()[0]) == param.update_rule.t


def gradients(shapes, seed):
    rng = np.random.RandomState(seed)
    return [(rng.randn(*shape) * 10.0 ** rng.randint(-4, 2)).astype("f") for shape in shapes]


@pytest.mark.parametrize("decay", [0.0, 1e-2])
@pytest.mark.parametrize("hyper", [{}, ADAMW, {**ADAMW, "weight_decay_rate": 1e-2}])
def test_five_steps(hyper, decay):
    params = Params(SHAPES, decay=decay, **hyper)
    for seed in range(5):
        params.step(gradients(SHAPES, seed))
        params.step_chainer(gradients(SHAPES, seed))
        params.check()


@pytest.mark.parametrize("n", [64, 65, 130])
def test_more_parameters_than_one_launch_takes(n):
    # One of them takes several blocks, and some have no numbers.
    shapes = [(7 * i % 11,) for i in range(n - 1)] + [(2, 2049)]
    params = Params(shapes)
    params.step(gradients(shapes, 0))
    params.step_chainer(gradients(shapes, 0))
    params.check()


def test_resuming_after_a_thousand_steps():
    params = Params(SHAPES, t=1000, **ADAMW)
    for seed in range(2):
        params.step(gradients(SHAPES, seed))
        params.step_chainer(gradients(SHAPES, seed))
    params.check()
    params.group.set_t(5)
    for param in params.params():
        param.update_rule.t = 5
    params.step(gradients(SHAPES, 2))
    params.step_chainer(gradients(SHAPES, 2))
    params.check()


def test_another_alpha_halfway():
    params = Params(SHAPES, alpha=1e-2)
    for seed, alpha in enumerate([1e-2, 1e-2, 1e-4, 1e-4]):
        assert params.group.set(alpha=alpha) == (seed == 2)
        params.optimizer.alpha = alpha
        params.step(gradients(SHAPES, seed))
        params.step_chainer(gradients(SHAPES, seed))
        params.check()


def test_parts_of_an_array_that_begin_anywhere():
    import cupy

    rng = np.random.RandomState(0)
    arrays = [rng.rand(101).astype("f") for _ in "pgmv"]
    found = []
    for offset in (0, 1):
        pool = [cupy.ones(110, "f") for _ in arrays]
        parts = [memory[offset : offset + 101] for memory in pool]
        for part, array in zip(parts, arrays):
            part.set(array)
        Group().step(*([part] for part in parts))
        found.append([part.get() for part in parts])
        assert all((memory[offset + 101 :].get() == 1).all() for memory in pool)
    for aligned, other in zip(*found):
        np.testing.assert_allclose(aligned, other, rtol=1e-6)


def test_channels_last_in_memory():
    import cupy

    rng = np.random.RandomState(0)
    arrays = [rng.rand(8, 3, 4, 5).astype("f") for _ in "pgmv"]
    plain = [cupy.asarray(a) for a in arrays]
    last = [cupy.asarray(a.transpose(0, 2, 3, 1).copy()).transpose(0, 3, 1, 2) for a in arrays]
    for p, g, m, v in (plain, last):
        Group(decay=0.1).step([p], [g], [m], [v])
    for a, b in zip(plain, last):
        np.testing.assert_array_equal(a.get(), b.get())


def test_a_captured_step_counts_by_itself():
    import cupy

    captured, plain = Params(SHAPES, **ADAMW), Params(SHAPES, **ADAMW)
    new = gradients(SHAPES, 0)
    for params in (captured, plain):
        params.step(new)  # compiles
    stream = cupy.cuda.Stream()  # in order with the default stream
    with stream:
        stream.begin_capture()
        captured.group.step(captured.ps, captured.gs, captured.ms, captured.vs)
        graph = stream.end_capture()
        for alpha in (1e-2, 1e-3):
            captured.group.set(alpha=alpha)
            graph.launch()
    stream.synchronize()
    for alpha in (1e-2, 1e-3):
        plain.group.set(alpha=alpha)
        plain.step(new)
    assert captured.state() == plain.state()


def test_steps_are_repeated_to_the_bit():
    found = []
    for _ in range(2):
        params = Params(SHAPES, decay=1e-2)
        for seed in range(3):
            params.step(gradients(SHAPES, seed))
        found.append(params.state())
    assert found[0] == found[1]


def test_no_such_hyperparameter():
    with pytest.raises(TypeError, match="amsgrad"):
        Group(amsgrad=True)


def test_gradients_in_another_order():
    import cupy

    rng = np.random.RandomState(0)
    arrays = [rng.rand(6, 5).astype("f") for _ in "pgmv"]
    for make in (
        lambda g: cupy.asarray(g.T.copy()).T,
        lambda g: cupy.asarray(np.repeat(g, 2, axis=1))[:, ::2],
    ):
        found = []
        for other_order in (False, True):
            p, g, m, v = map(cupy.asarray, arrays)
            g = make(arrays[1]) if other_order else g
            Group(decay=0.1).step([p], [g], [m], [v])
            found.append([array.get() for array in (p, m, v)])
        for expected, actual in zip(*found):
            np.testing.assert_array_equal(actual, expected)
        np.testing.assert_array_equal(g.get(), arrays[1])


@pytest.mark.parametrize("g", [np.zeros(4, np.float16), np.zeros(3, np.float32)])
def test_gradients_that_do_not_fit(g):
    import cupy

    p, group = cupy.zeros(4, np.float32), Group()
    with pytest.raises(ValueError, match=rf"{g.dtype} \({g.size},\)"):
        group.step([p], [cupy.asarray(g)], [p], [p])
    assert group.t.get().tolist() == [0]


def test_parameters_and_moments_that_do_not_fit():
    import cupy

    p = cupy.zeros((4, 2), np.float32)
    with pytest.raises(ValueError, match=r"gaps.* \(8,\)"):
        Group().step([p[:, 0]], [p[:, 0]], [p[:, 0]], [p[:, 0]])
    with pytest.raises(ValueError, match=r"strides \(4, 16\)"):
        Group().step([p], [p], [p], [cupy.zeros((2, 4), np.float32).T])
