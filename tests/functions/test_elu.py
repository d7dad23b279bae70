import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from tests.functions.arrays import dtypes, lay, needs_kernels, numbers, orders, shapes

pytestmark = needs_kernels


def forward_and_backward(x, gy, alpha, fast, double_backprop=False):
    with illust_gan.config.using(fast=fast), np.errstate(all="ignore"):
        x = chainer.Variable(x)
        y = F.elu(x, alpha)
        (gx,) = chainer.grad(
            [y], [x], [chainer.Variable(gy)], enable_double_backprop=double_backprop
        )
        return y.array, gx.array


def close_to(dtype):
    """Both are within two ulp of the truth, and the gradient is a sum of two such numbers."""
    eps = 4 * np.finfo(dtype).eps
    return {"rtol": eps, "atol": eps}


@settings(deadline=None)
@given(
    st.data(),
    shapes(),
    dtypes,
    st.sampled_from([1.0, 0.0, 0.3, 2.5, -0.5]),
    st.integers(0, 1000),
    st.booleans(),
)
def test_numbers_are_those_of_chainer(data, shape, dtype, alpha, seed, double_backprop):
    x = lay(numbers(seed, shape, dtype, special=True), data.draw(orders(len(shape))))
    gy = lay(numbers(seed + 1, shape, dtype), data.draw(orders(len(shape))))
    fast = forward_and_backward(x, gy, alpha, True, double_backprop)
    for actual, expected in zip(fast, forward_and_backward(x, gy, alpha, False)):
        assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
        scale = max(1, abs(alpha)) * max(1, np.abs(gy).max(initial=0))
        np.testing.assert_allclose(actual / scale, expected / scale, **close_to(dtype))


@pytest.mark.parametrize(
    ("dtype", "exact"), [(np.float32, np.float64), (np.float64, np.longdouble)]
)
def test_exp_minus_1_is_within_two_ulp_everywhere(dtype, exact):
    rng = np.random.RandomState(0)
    x = np.concatenate([-np.exp(rng.uniform(-80, 5, 200000)), -rng.uniform(0, 2, 200000)])
    x = x.astype(dtype)
    with illust_gan.config.using(fast=True):
        y = F.elu(x).array
    truth = np.expm1(x.astype(exact))
    assert (np.abs(y - truth) <= 2 * np.spacing(np.abs(truth.astype(dtype)))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_of_the_line(dtype):
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([-np.inf, -1000, np.inf, 1000, 0, -tiny, np.nan], dtype)
    with illust_gan.config.using(fast=True):
        y = F.elu(x).array
    np.testing.assert_array_equal(y, np.array([-1, -1, np.inf, 1000, 0, -tiny, np.nan], dtype))


def test_channels_last_stay_so():
    x = lay(numbers(0, (2, 3, 4, 5), np.float32), ((0, 2, 3, 1), False))
    y, gx = forward_and_backward(x, np.ascontiguousarray(x), 1.0, True)
    assert y.strides == gx.strides == x.strides


def test_one_thread_and_two_give_the_same_bits():
    x = numbers(0, (70001,), np.float32)
    results = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            results.append(forward_and_backward(x, x + 1, 1.0, True))
    for one, two in zip(*results):
        np.testing.assert_array_equal(one, two)


def test_gradients_of_gradients():
    x, gy, ggx = (numbers(seed, (3, 4), np.float64) for seed in range(3))
    gradient_check.check_double_backward(F.elu, x, gy, ggx, dtype=np.float64)
