import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from chainer.functions.normalization import batch_normalization as chainers
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions.batch_normalization import FastBatchNormalizationImpl
from tests.functions.arrays import dtypes, lay, needs_kernels, numbers, orders, shapes

pytestmark = needs_kernels
ACTIVATIONS = {"none": F.identity, "relu": F.relu, "leaky_relu": F.leaky_relu, "elu": F.elu}
activations = st.sampled_from(sorted(ACTIVATIONS))
LAST, PLANES = ((0, 2, 3, 1), False), ((0, 1, 2, 3), False)


def channel_numbers(x, axis, dtype=None):
    """Gamma, beta, mean and variance for an array."""
    shape = tuple(n for i, n in enumerate(x.shape) if i not in axis)
    gamma, beta, mean, var = (numbers(seed, shape, dtype or x.dtype) for seed in range(4))
    return gamma, beta, mean, np.abs(var) + np.asarray(0.5, var.dtype)


def normalize(x, gy, axis, fast, activation="none", dtype=None, fixed=False, eps=2e-5):
    """Return all results of a normalisation and the activation after it, by name."""
    gamma, beta, mean, var = (chainer.Variable(a) for a in channel_numbers(x, axis, dtype))
    x = chainer.Variable(x)
    with illust_gan.config.using(fast=fast):
        inputs = [F.identity(x), gamma, beta]
        if fixed:
            y = F.fixed_batch_normalization(*inputs, mean, var, eps=eps, axis=axis)
        else:
            y = F.batch_normalization(
                *inputs,
                eps=eps,
                running_mean=mean.array,
                running_var=var.array,
                decay=0.7,
                axis=axis,
            )
        y = ACTIVATIONS[activation](y)
        y.grad = gy
        y.backward()
    results = {"y": y.array, "gx": x.grad, "ggamma": gamma.grad, "gbeta": beta.grad}
    results |= {"mean": mean.array, "var": var.array}
    return results | ({"gmean": mean.grad, "gvar": var.grad} if fixed else {})


def assert_close(actual, expected, gy, digits):
    """Compare two results of normalize; sums that cancel are as exact as what they add up."""
    size = max(1, np.abs(gy).max(initial=0)) * max(1, gy.size) ** 0.5
    for name, array in expected.items():
        assert (actual[name].shape, actual[name].dtype.kind) == (array.shape, "f"), name
        scale = max(size if name.startswith("g") else 1, np.abs(array).max(initial=0))
        np.testing.assert_allclose(
            actual[name] / scale, array / scale, rtol=0, atol=10.0**-digits, err_msg=name
        )


@st.composite
def axes(draw, n_dims):
    """Chainer's axis for an array; one axis is left to be a channel."""
    subset = draw(st.sets(st.integers(0, n_dims - 1), min_size=1, max_size=n_dims - 1))
    return tuple(sorted(subset))


@settings(deadline=None)
@given(st.data(), shapes(2, 5, least=1), dtypes, activations, st.booleans(), st.integers(0, 1000))
def test_numbers_are_those_of_chainer(data, shape, dtype, activation, fixed, seed):
    axis = data.draw(st.one_of(axes(len(shape)), st.just((0, *range(2, len(shape))))))
    # Chainer warns of a single sample.
    assume(any(shape[i] > 1 for i in axis))
    x = lay(numbers(seed, shape, dtype), data.draw(orders(len(shape))))
    gy = lay(numbers(seed + 1, shape, dtype), data.draw(orders(len(shape))))
    # Two samples that happen to be near each other are told apart by eps alone.
    eps = 0.1
    fast = normalize(x, gy, axis, True, activation, fixed=fixed, eps=eps)
    assert {array.dtype for array in fast.values()} == {np.dtype(dtype)}
    double = [array.astype(np.float64) for array in (x, gy)]
    exact = normalize(*double, axis, False, activation, fixed=fixed, eps=eps)
    assert_close(fast, exact, gy, 5 if dtype == np.float32 else 13)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 3, 2, 2), (2, 3, 0, 4)])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value", "ignore:Degrees")
def test_arrays_of_size_0_go_chainers_way(shape, fixed):
    x, axis = numbers(0, shape, np.float32), (0, *range(2, len(shape)))
    results = []
    for fast in (True, False):
        try:
            results.append(normalize(x, x, axis, fast, "relu", fixed=fixed))
        except ZeroDivisionError as error:
            results.append(str(error))
    if isinstance(results[1], str):
        assert results[0] == results[1]
    else:
        for name, array in results[1].items():
            np.testing.assert_array_equal(results[0][name], array, name)


def statistics(x):
    """Mean, and variance divided by n - 1, by way of the running statistics."""
    mean, var, gamma, beta = (np.zeros(x.shape[1], x.dtype) for _ in range(4))
    with illust_gan.config.using(fast=True):
        F.batch_normalization(x, gamma, beta, running_mean=mean, running_var=var, decay=0.0)
    return mean, var


@pytest.mark.parametrize("order", [LAST, PLANES])
@pytest.mark.parametrize("shape", [(8, 5, 40, 30), (64, 3, 5, 5), (2, 300, 3, 3), (2, 2, 200, 100)])
@pytest.mark.parametrize(("size", "digits"), [(1e3, 6), (1e6, 4)])
def test_variance_is_exact_beside_a_large_mean(size, digits, shape, order):
    x = lay((numbers(0, shape, np.float64) / 3 + size).astype(np.float32), order)
    mean, var = statistics(x)
    n, exact = x.size // shape[1], x.astype(np.float64)
    np.testing.assert_allclose(var, exact.var((0, 2, 3)) * n / (n - 1), rtol=10.0**-digits)
    np.testing.assert_allclose(mean, exact.mean((0, 2, 3)), rtol=1e-7)


@pytest.mark.parametrize("order", [LAST, PLANES])
def test_channels_of_one_value_have_no_variance(order):
    values = np.random.RandomState(0).uniform(-1000, 1000, (500, 1, 1)).astype(np.float32)
    x = lay(np.broadcast_to(values, (4, 500, 9, 11)), order)
    mean, var = statistics(x)
    np.testing.assert_allclose(mean, values[:, 0, 0], rtol=1e-7)
    assert (var >= 0).all()
    np.testing.assert_allclose(var / mean**2, 0, atol=1e-14)


@pytest.mark.parametrize("order", [LAST, PLANES])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_and_infinity_go_where_they_go_in_chainer(value, activation, order):
    x = lay(numbers(0, (4, 3, 6, 5), np.float32), order)
    x[1, 2, 3, 4] = value
    gy = numbers(1, x.shape, np.float32)
    fast, plain = (normalize(x, gy, (0, 2, 3), on, activation) for on in (True, False))
    for name, array in plain.items():
        np.testing.assert_allclose(fast[name], array, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("order", [LAST, PLANES])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_one_thread_and_two_give_the_same_bits(activation, order):
    x, gy = (lay(numbers(seed, (9, 33, 30, 17), np.float32), order) for seed in range(2))
    results = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            results.append(normalize(x, gy, (0, 2, 3), True, activation))
    for name in results[0]:
        np.testing.assert_array_equal(results[0][name], results[1][name], name)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("order", [LAST, PLANES])
def test_memory_order_is_kept(order, fixed):
    x = lay(numbers(0, (2, 3, 4, 5), np.float32), order)
    results = normalize(x, np.ascontiguousarray(x), (0, 2, 3), True, "relu", fixed=fixed)
    assert results["y"].strides == results["gx"].strides == x.strides


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize(
    ("x_dtype", "dtype", "axis", "has_gaps"),
    [
        (np.float16, np.float16, (0, 2, 3), False),
        (np.float32, np.float64, (0, 2, 3), False),
        (np.float32, np.float32, (0, 2), False),
        (np.float32, np.float32, (0, 2, 3), True),
    ],
)
def test_what_the_kernels_do_not_cover_goes_chainers_way(x_dtype, dtype, axis, has_gaps, fixed):
    x = lay(numbers(0, (3, 4, 5, 6), x_dtype), ((0, 2, 3, 1), has_gaps))
    fast, plain = (normalize(x, x, axis, on, "none", dtype, fixed) for on in (True, False))
    for name, array in plain.items():
        assert fast[name].dtype == array.dtype
        np.testing.assert_array_equal(fast[name], array, name)


def impl_of(selector=None):
    x = chainer.Variable(numbers(0, (4, 3), np.float32))
    arguments = {} if selector is None else {"impl_selector": selector}
    function = chainers.BatchNormalization(axis=(0,), **arguments)
    function.apply((x, *channel_numbers(x.array, (0,))[:2]))
    return function._impl


def test_an_implementation_that_somebody_selects_is_left_alone():
    with illust_gan.config.using(fast=True):
        assert isinstance(impl_of(), FastBatchNormalizationImpl)
        own = chainers.GeneralBatchNormalizationImpl()
        assert impl_of(lambda function, inputs: own) is own
    with illust_gan.config.using(fast=False):
        assert type(impl_of()) is chainers.GeneralBatchNormalizationImpl


def test_the_switch_may_change_between_forward_and_backward():
    x, gy = numbers(0, (6, 3), np.float64), numbers(1, (6, 3), np.float64)
    expected = normalize(x, gy, (0,), False)
    for before in (True, False):
        variable = chainer.Variable(x)
        with illust_gan.config.using(fast=before):
            y = F.batch_normalization(variable, *channel_numbers(x, (0,))[:2])
        y.grad = gy
        with illust_gan.config.using(fast=not before):
            y.backward()
        np.testing.assert_allclose(variable.grad, expected["gx"], rtol=1e-12, atol=1e-12)


def exchange_gamma(x, gamma, y):
    gamma.array = gamma.array.astype(np.float16)


def exchange_order(x, gamma, y):
    x.array = np.ascontiguousarray(x.array)


def exchange_x(x, gamma, y):
    x.array = x.array.astype(np.float64)


def gap_y(x, gamma, y):
    y.array = lay(y.array, ((0, 1, 2, 3), True))


@pytest.mark.parametrize("exchange", [exchange_gamma, exchange_order, exchange_x, gap_y])
@pytest.mark.parametrize("activation", ["none", "relu", "elu"])
def test_arrays_may_be_exchanged_between_forward_and_backward(activation, exchange):
    results = []
    for fast in (True, False):
        x = F.identity(chainer.Variable(lay(numbers(0, (4, 3, 6, 5), np.float32), LAST)))
        gamma, beta, *_ = (chainer.Variable(a) for a in channel_numbers(x.array, (0, 2, 3)))
        with illust_gan.config.using(fast=fast):
            y = ACTIVATIONS[activation](F.batch_normalization(x, gamma, beta))
            exchange(x, gamma, y)
            gy = chainer.Variable(numbers(1, y.shape, np.float32))
            results.append(chainer.grad([y], [x, gamma, beta], [gy]))
    # Sums in half precision differ in the third digit.
    for actual, expected in zip(*results):
        assert actual.dtype == expected.dtype
        np.testing.assert_allclose(actual.array, expected.array, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("activation", ["none", "relu", "elu"])
@pytest.mark.parametrize("shape", [(4, 1), (1, 3), (1, 1)])
def test_a_gradient_of_another_shape_is_broadcast_where_chainer_does_so(shape, activation):
    gradient = numbers(1, (4, 3), np.float32)[: shape[0], : shape[1]]
    for gy in (gradient, gradient.copy()):
        results = []
        for fast in (True, False):
            x = F.identity(chainer.Variable(numbers(0, (4, 3), np.float32)))
            gamma, beta, *_ = channel_numbers(x.array, (0,))
            with illust_gan.config.using(fast=fast):
                y = ACTIVATIONS[activation](F.batch_normalization(x, gamma, beta))
                (gx,) = chainer.grad([y], [x], [chainer.Variable(gy)])
                results.append(gx.array)
        np.testing.assert_allclose(*results, rtol=1e-4, atol=1e-4)


def test_layouts_of_cudnn_and_negative_axes_go_chainers_way():
    layout = chainer.memory_layouts.CUDNN_CHANNEL_LAST_X
    x = numbers(0, (4, 3, 6, 5), np.float32)
    gamma, beta, *_ = channel_numbers(x, (0, 2, 3))
    results = []
    for fast in (True, False):
        with illust_gan.config.using(fast=fast):
            y = F.batch_normalization(chainer.Variable(x).as_layout(layout), gamma, beta)
            assert y.layout == layout
            results.append(y.raw_array)
            with pytest.raises(IndexError, match="too many indices"):
                F.batch_normalization(x[:, :, 0, 0], x[:, :, 0, 0], x[:, :, 0, 0], axis=(-1,))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("axis", [(0,), (0, 2, 3)])
def test_gradients_of_gradients(axis, activation):
    shape = (5, 3) if axis == (0,) else (3, 2, 2, 3)
    x = numbers(0, shape, np.float64)
    gamma, beta, mean, var = channel_numbers(x, axis)
    ggs = [numbers(seed, a.shape, np.float64) for seed, a in enumerate((x, gamma, beta, mean, var))]

    def batch(x, gamma, beta):
        return ACTIVATIONS[activation](F.batch_normalization(F.identity(x), gamma, beta, axis=axis))

    def fixed(x, gamma, beta, mean, var):
        y = F.fixed_batch_normalization(F.identity(x), gamma, beta, mean, var, axis=axis)
        return ACTIVATIONS[activation](y) ** 2

    gy = numbers(9, shape, np.float64)
    options = {"dtype": np.float64, "rtol": 1e-3, "atol": 1e-3}
    with illust_gan.config.using(fast=True):
        gradient_check.check_double_backward(batch, (x, gamma, beta), gy, tuple(ggs[:3]), **options)
        gradient_check.check_double_backward(
            fixed, (x, gamma, beta, mean, var), gy, tuple(ggs), **options
        )
