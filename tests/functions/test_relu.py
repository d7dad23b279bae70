import chainer
import chainer.functions as F
import numpy as np
from chainer import gradient_check
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions.switch import fast_kernels
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


def forward_and_backward(x, gy, fast, double_backprop=False):
    with illust_gan.config.using(fast=fast), np.errstate(invalid="ignore"):
        x = chainer.Variable(x)
        y = F.relu(x)
        (gx,) = chainer.grad(
            [y], [x], [chainer.Variable(gy)], enable_double_backprop=double_backprop
        )
        return y.array, gx.array


@settings(deadline=None)
@given(st.data(), shapes(), dtypes, st.integers(0, 1000), st.booleans())
def test_bits_are_those_of_chainer(data, shape, dtype, seed, double_backprop):
    x = lay(numbers(seed, shape, dtype, special=True), data.draw(orders(len(shape))))
    gy = lay(numbers(seed + 1, shape, dtype, special=True), data.draw(orders(len(shape))))
    fast = forward_and_backward(x, gy, True, double_backprop)
    for actual, expected in zip(fast, forward_and_backward(x, gy, False)):
        assert_same_bits(actual, expected)


def test_the_kernels_do_it_and_keep_channels_last(monkeypatch):
    called = []
    kernels = fast_kernels(np.dtype(np.float32))
    for name in ("activation_values", "activation_gradients"):
        kernel = getattr(kernels, name)
        monkeypatch.setattr(
            kernels, name, lambda *args, kernel=kernel: (called.append(1), kernel(*args))
        )
    x = lay(numbers(0, (2, 3, 4, 5), np.float32), ((0, 2, 3, 1), False))
    y, gx = forward_and_backward(x, np.ascontiguousarray(x), True)
    assert len(called) == 2
    assert y.strides == gx.strides == x.strides


def test_one_thread_and_two_give_the_same_bits():
    x = numbers(0, (70001,), np.float32)
    results = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            results.append(forward_and_backward(x, x + 1, True))
    for one, two in zip(*results):
        assert_same_bits(one, two)


def test_half_precision_goes_chainers_way():
    x = numbers(0, (3, 4), np.float16)
    for actual, expected in zip(*(forward_and_backward(x, x, fast) for fast in (True, False))):
        assert_same_bits(actual, expected)


def test_an_output_may_be_exchanged_for_one_with_gaps():
    x, gy = numbers(0, (3, 4), np.float32), numbers(1, (3, 4), np.float32)
    for double_backprop in (False, True):
        variable = chainer.Variable(x)
        y = F.relu(variable)
        y.array = lay(-y.array + 1, ((0, 1), True))
        (gx,) = chainer.grad(
            [y], [variable], [chainer.Variable(gy)], enable_double_backprop=double_backprop
        )
        np.testing.assert_array_equal(gx.array, gy * (y.array > 0))


def test_gradients_of_gradients():
    x, gy, ggx = (numbers(seed, (3, 4), np.float64) for seed in range(3))
    gradient_check.check_double_backward(lambda x: F.relu(x) ** 2, x, gy, ggx, dtype=np.float64)
