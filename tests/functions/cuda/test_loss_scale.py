"""A scale that the device finds by itself, and the steps that it leaves out."""

import numpy as np
import pytest

from illust_gan.functions.cuda.loss_scale import LossScale
from tests.functions.cuda.test_adam import SHAPES, Params, gradients

pytestmark = pytest.mark.gpu


def step(params, scale, new, spoil=None):
    """One iteration with scaled gradients, of which one number may be another."""
    factor = scale.array.get()[0]
    scaled = [g * factor for g in new]
    if spoil is not None:
        scaled[-1].flat[-1] = spoil
    for g, values in zip(params.gs, scaled):
        g.set(values)
    scale.check(params.gs)
    params.group.step(params.ps, params.gs, params.ms, params.vs, scale)
    scale.update()


def test_scaled_gradients_make_the_same_steps():
    scale = LossScale(2.0**10)
    params, plain = Params(SHAPES, decay=1e-2), Params(SHAPES, decay=1e-2)
    for seed in range(3):
        step(params, scale, gradients(SHAPES, seed))
        plain.step(gradients(SHAPES, seed))
    # A power of two only moves the exponent.
    assert params.state() == plain.state()
    for ours, theirs in zip(params.gs, plain.gs):
        np.testing.assert_array_equal(ours.get(), theirs.get())


@pytest.mark.parametrize("spoil", [np.inf, -np.inf, np.nan])
def test_a_step_is_left_out(spoil):
    scale = LossScale(2.0**10)
    params = Params(SHAPES)
    step(params, scale, gradients(SHAPES, 0))
    before = params.state()
    step(params, scale, gradients(SHAPES, 1), spoil)
    assert params.state() == before
    assert scale.array.get().tolist() == [2.0**9]
    step(params, scale, gradients(SHAPES, 1))
    assert params.group.t.get().tolist() == [2]
    params.step_chainer(gradients(SHAPES, 0))
    params.step_chainer(gradients(SHAPES, 1))
    params.check()


def test_the_largest_number_is_finite():
    scale = LossScale(1.0)
    params = Params(SHAPES)
    step(params, scale, gradients(SHAPES, 0), np.finfo(np.float32).max)
    assert params.group.t.get().tolist() == [1]


def test_the_scale_grows_after_an_interval():
    scale = LossScale(4.0, interval=3)
    params = Params([(2,)])
    found = []
    for i in range(10):
        step(params, scale, gradients([(2,)], i), np.inf if i == 4 else None)
        found.append(float(scale.array.get()[0]))
    assert found == [4, 4, 8, 8, 4, 4, 4, 8, 8, 8]


def test_the_scale_has_bounds():
    params = Params([(2,)])
    low, high = LossScale(1.0), LossScale(2.0**24, interval=1)
    step(params, low, gradients([(2,)], 0), np.inf)
    step(params, high, gradients([(2,)], 0))
    assert (low.array.get()[0], high.array.get()[0]) == (1, 2**24)
    for scale in (0.5, 2.0**25, np.nan):
        with pytest.raises(ValueError, match="wanted 1 to 16777216"):
            low.state = scale, 0


def test_two_groups_are_left_out_together():
    scale = LossScale(8.0)
    first, second = Params(SHAPES), Params([(5,)])
    before = first.state(), second.state()
    first.gs[0].fill(1)
    first.gs[1].fill(1)
    first.gs[2].fill(1)
    second.gs[0].fill(np.nan)
    scale.check(first.gs + second.gs)
    for params in (first, second):
        params.group.step(params.ps, params.gs, params.ms, params.vs, scale)
    scale.update()
    assert (first.state(), second.state()) == before


def test_a_state_that_goes_on():
    params = Params([(2,)])
    first = LossScale(4.0, interval=3)
    for seed in range(2):
        step(params, first, gradients([(2,)], seed))
    assert first.state.tolist() == [4, 2]
    second = LossScale(interval=3)
    second.state = first.state
    step(params, second, gradients([(2,)], 2))
    assert second.state.tolist() == [8, 0]


def test_gradients_with_gaps_are_checked():
    import cupy

    scale = LossScale()
    memory = cupy.zeros((4, 2), "f")
    memory[:, 1] = np.inf
    scale.check([memory[:, 0], memory.T[:1]])
    assert scale.overflow.get().tolist() == [0]
    scale.check([memory[:, 0], memory.T[1:]])
    assert scale.overflow.get().tolist() == [1]
