import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from tests.functions.arrays import (
    assert_same_bits,
    dtypes,
    lay,
    needs_kernels,
    numbers,
    orders,
    shapes,
)

pytestmark = needs_kernels
slopes = st.sampled_from([0.2, 0.0, 1, 1.5, 0.01, -0.3, np.float64(0.2)])


def forward_and_backward(x, gy, slope, fast, double_backprop=False):
    with illust_gan.config.using(fast=fast), np.errstate(invalid="ignore", under="ignore"):
        x = chainer.Variable(x)
        y = F.leaky_relu(x, slope)
        (gx,) = chainer.grad(
            [y], [x], [chainer.Variable(gy)], enable_double_backprop=double_backprop
        )
        return y.array, gx.array


@settings(deadline=None)
@given(st.data(), shapes(), dtypes, slopes, st.integers(0, 1000), st.booleans())
def test_bits_are_those_of_chainer(data, shape, dtype, slope, seed, double_backprop):
    x = lay(numbers(seed, shape, dtype, special=True), data.draw(orders(len(shape))))
    gy = lay(numbers(seed + 1, shape, dtype, special=True), data.draw(orders(len(shape))))
    fast = forward_and_backward(x, gy, slope, True, double_backprop)
    for actual, expected in zip(fast, forward_and_backward(x, gy, slope, False)):
        assert_same_bits(actual, expected)


@pytest.mark.parametrize("double_backprop", [False, True])
def test_channels_last_stay_so_where_chainer_itself_turns_them(double_backprop):
    x = lay(numbers(0, (2, 3, 4, 5), np.float32), ((0, 2, 3, 1), False))
    y, gx = forward_and_backward(x, np.ascontiguousarray(x), 0.2, True, double_backprop)
    assert y.strides == gx.strides == x.strides
    y, gx = forward_and_backward(x, np.ascontiguousarray(x), 0.2, False)
    assert y.strides != x.strides


def test_one_thread_and_two_give_the_same_bits():
    x = numbers(0, (70001,), np.float32)
    results = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            results.append(forward_and_backward(x, x + 1, 0.2, True))
    for one, two in zip(*results):
        assert_same_bits(one, two)


def test_gradients_of_gradients():
    x, gy, ggx = (numbers(seed, (3, 4), np.float64) for seed in range(3))
    gradient_check.check_double_backward(
        lambda x: F.leaky_relu(x) ** 2, x, gy, ggx, dtype=np.float64
    )
