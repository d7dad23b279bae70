"""Weight decay on the fast path gives the bits of Chainer's own."""

import chainer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import switch


def gradient_after_decay(p, g, rate, loss_scale=None):
    parameter = chainer.Parameter(p)
    parameter.grad = g.copy(order="K")
    parameter._loss_scale = loss_scale
    chainer.optimizer_hooks.WeightDecay(rate)(None, parameter)
    return parameter.grad


def assert_same_bits(p, g, *args):
    with np.errstate(all="ignore"):
        fast = gradient_after_decay(p, g, *args)
        with illust_gan.config.using(fast=False):
            plain = gradient_after_decay(p, g, *args)
    np.testing.assert_array_equal(fast, plain)
    return fast


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(), (0, 3), (1,), (7,), (64, 3, 4, 4), (5, 6000)]),
    st.sampled_from("fd"),
    st.sampled_from([0, 1e-5, 0.3]),
    st.sampled_from([None, 8]),
    st.integers(0, 99),
)
def test_random_parameters(shape, dtype, rate, loss_scale, seed):
    rng = np.random.RandomState(seed)
    p, g = (np.asarray(rng.randn(*shape), dtype) for _ in "pg")
    if p.size > 2:
        p.flat[:3] = np.nan, np.inf, -np.inf
    assert_same_bits(p, g, rate, loss_scale)


@pytest.mark.parametrize("turn", [np.array, np.asfortranarray, lambda x: x[::-1, ::-1]])
def test_orders_of_memory(turn):
    rng = np.random.RandomState(0)
    p, g = rng.randn(2, 4, 3, 5).astype("f")
    expected = g + np.float32(0.1) * turn(p)
    for gradient in (g, np.asfortranarray(g)):
        np.testing.assert_array_equal(assert_same_bits(turn(p), gradient, 0.1), expected)


def test_the_gradient_changes_in_place_as_hooks_may_see():
    p = chainer.Parameter(np.ones(3, "f"))
    p.grad = gradient = np.ones(3, "f")
    chainer.optimizer_hooks.WeightDecay(0.5)(None, p)
    assert p.grad is gradient
    assert gradient.tolist() == [1.5, 1.5, 1.5]


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_the_kernel_is_used(dtype, monkeypatch):
    kernels = switch.fast_kernels(np.dtype(dtype))
    kernel, used = kernels.weight_decay, []
    monkeypatch.setattr(
        kernels, "weight_decay", lambda *args: (used.append(args[2]), kernel(*args))
    )
    gradient_after_decay(np.ones(5, dtype), np.ones(5, dtype), 0.1)
    with illust_gan.config.using(fast=False):
        gradient_after_decay(np.ones(6, dtype), np.ones(6, dtype), 0.1)
    assert used == [5]


def test_parameters_without_a_gradient():
    p = chainer.Parameter(np.ones(3, "f"))
    chainer.optimizer_hooks.WeightDecay(0.5)(None, p)
    assert p.grad is None
