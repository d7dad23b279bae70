import numpy as np
import pytest

from illust_gan.functions.cuda.activation import ELU, LEAKY_RELU, RELU
from illust_gan.functions.cuda.normalization import (
    fixed_statistics,
    gradient,
    gradient_sums,
    normalize,
    statistics,
)
from tests.functions.cuda.activations import KINDS, activated, derivative
from tests.functions.cuda.device_arrays import (
    TYPES,
    assert_rounded,
    bits_of,
    dtype_of,
    misaligned,
    on_device,
    steps_of,
    values_of,
)

pytestmark = pytest.mark.gpu

EPS = 1e-5
# One row; a fully connected layer's many columns; odd channels; parts of which the last is smaller;
# columns which some threads of the last block have not.
SHAPES = ((1, 16), (4, 18432), (3, 5), (2, 3, 5, 7), (3, 40, 9, 7), (2, 64, 13, 11), (600, 8))


def random(shape, seed=0):
    r = np.random.RandomState(seed)
    per_channel = (1, shape[1], *[1] * (len(shape) - 2))
    return r.randn(*shape) * r.uniform(0.5, 2, per_channel) + r.uniform(-1, 1, per_channel)


class Reference:
    """Batch normalisation by NumPy in float64, of the numbers that the device has."""

    def __init__(self, x, gamma, beta):
        self.axis = (0, *range(2, x.ndim))
        self.m = x.size // x.shape[1]
        self.x, self.gamma, self.beta = x, self.expand(gamma), self.expand(beta)
        self.mean, self.var = x.mean(self.axis), x.var(self.axis)
        self.inv_std = 1 / np.sqrt(self.var + EPS)

    def expand(self, channels):
        return np.asarray(channels, np.float64).reshape(1, -1, *[1] * (len(self.axis) - 1))

    def hat(self):
        return (self.x - self.expand(self.mean)) * self.expand(self.inv_std)

    def between(self):
        return self.hat() * self.gamma + self.beta

    def gradients(self, gy, kind, slope):
        g = gy * derivative(self.between(), kind, slope)
        gbeta, ggamma = g.sum(self.axis), (g * self.hat()).sum(self.axis)
        by_sums = (self.expand(gbeta) + self.hat() * self.expand(ggamma)) / self.m
        return self.gamma * self.expand(self.inv_std) * (g - by_sums), ggamma, gbeta


class Case:
    """Arrays of one shape and type, with their reference."""

    def __init__(self, shape, name, mean=0.0, place=on_device):
        last = {"last": True} if len(shape) == 4 else {}
        self.x = place(random(shape) + mean, name, **last)
        self.gy = place(random(shape, 1), name, **last)
        r = np.random.RandomState(2)
        # Any shape will do that has as many numbers.
        self.gamma = on_device(r.uniform(0.5, 2, (shape[1], 1)))
        self.beta = on_device(r.uniform(-1, 1, (1, shape[1])))
        self.reference = Reference(
            values_of(self.x), values_of(self.gamma).ravel(), values_of(self.beta).ravel()
        )
        self.mean, self.var, self.inv_std = statistics(self.x, EPS)
        self.channels = self.mean, self.inv_std, self.gamma, self.beta

    def gy_where_signs_are_sure(self):
        """Return gy, zero where rounding could decide on which side of 0 a number lies."""
        gy = values_of(self.gy)
        gy[np.abs(self.reference.between()) < 1e-4] = 0
        return on_device(gy, str(self.gy.dtype), last=gy.ndim == 4)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_statistics(shape, name):
    case = Case(shape, name)
    for got in (case.mean, case.var, case.inv_std):
        assert (got.shape, got.dtype) == ((shape[1],), np.float32)
    assert_rounded(case.mean, case.reference.mean, 1e-6)
    assert_rounded(case.var, case.reference.var, 2e-6)
    assert_rounded(case.inv_std, case.reference.inv_std, 2e-6)
    again = statistics(case.x, EPS)
    assert [bits_of(a) for a in again] == [bits_of(a) for a in (case.mean, case.var, case.inv_std)]


@pytest.mark.parametrize("shape", [(4, 16), (3, 40, 9, 7), (600, 8)])
def test_a_mean_far_from_zero_costs_nothing(shape):
    case = Case(shape, "float32", mean=1000.0)
    np.testing.assert_allclose(values_of(case.mean), case.reference.mean, rtol=1e-7)
    np.testing.assert_allclose(values_of(case.var), case.reference.var, rtol=2e-6)
    y = normalize(case.x, *case.channels)
    # The mean's own rounding: half of 1000's last bit.
    np.testing.assert_allclose(values_of(y), case.reference.between(), atol=3e-4)


def test_a_first_row_unlike_all_others_does_no_harm():
    # All numbers are taken as differences from it.
    x = random((600, 8)) + 1000
    x[0] = -50000
    x = on_device(x)
    mean, var, _ = statistics(x, EPS)
    last_bit = 2.0**-8
    np.testing.assert_allclose(values_of(mean), values_of(x).mean(0), atol=last_bit)
    np.testing.assert_allclose(values_of(var), values_of(x).var(0), rtol=3e-6)


def test_equal_numbers_have_no_variance():
    x = on_device(np.full((700, 8), 0.1))
    mean, var, inv_std = statistics(x, EPS)
    assert bits_of(mean) == bits_of(x[0])
    assert not values_of(var).any()
    np.testing.assert_allclose(values_of(inv_std), EPS**-0.5, rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 16), (3, 40, 9, 7)])
def test_running_statistics_follow_as_in_chainer(shape):
    case = Case(shape, "float32")
    before = np.random.RandomState(3).uniform(0.5, 1, (2, shape[1])).astype("f")
    running = on_device(before)
    statistics(case.x, EPS, running[0], running[1], 0.9)
    m = case.reference.m
    wanted = before * 0.9
    wanted[0] += 0.1 * case.reference.mean
    wanted[1] += 0.1 * (m / max(m - 1, 1)) * case.reference.var
    np.testing.assert_allclose(values_of(running), wanted, rtol=3e-6, atol=1e-7)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_all_passes_of_all_shapes(shape, name):
    case = Case(shape, name)
    y = normalize(case.x, *case.channels, ELU, 0.8)
    assert (y.dtype, steps_of(y)) == (case.x.dtype, steps_of(case.x))
    assert_rounded(y, activated(case.reference.between(), ELU, 0.8))
    gx, ggamma, gbeta = case.reference.gradients(values_of(case.gy), ELU, 0.8)
    sums = gradient_sums(case.x, case.gy, *case.channels, ELU, 0.8)
    assert_rounded(sums[0], ggamma)
    assert_rounded(sums[1], gbeta)
    got = gradient(case.x, case.gy, *case.channels, *sums, ELU, 0.8)
    assert (got.dtype, steps_of(got)) == (case.x.dtype, steps_of(case.x))
    assert_rounded(got, gx)
    again = gradient_sums(case.x, case.gy, *case.channels, ELU, 0.8)
    assert [bits_of(a) for a in again] == [bits_of(a) for a in sums]


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(("kind", "slope"), KINDS)
def test_all_kinds(kind, slope, name):
    case = Case((2, 24, 5, 7), name)
    gy = case.gy_where_signs_are_sure()
    y = normalize(case.x, *case.channels, kind, slope)
    assert_rounded(y, activated(case.reference.between(), kind, slope))
    gx, ggamma, gbeta = case.reference.gradients(values_of(gy), kind, slope)
    sums = gradient_sums(case.x, gy, *case.channels, kind, slope)
    assert_rounded(sums[0], ggamma)
    assert_rounded(sums[1], gbeta)
    assert_rounded(gradient(case.x, gy, *case.channels, *sums, kind, slope), gx)


@pytest.mark.parametrize(
    ("name", "other"), [("float32", "float16"), ("float32", "bfloat16"), ("bfloat16", "float32")]
)
def test_output_of_another_type(name, other):
    case = Case((2, 24, 5, 7), name)
    y = normalize(case.x, *case.channels, LEAKY_RELU, 0.2, dtype_of(other))
    assert (y.dtype, y.transpose(0, 2, 3, 1).flags.c_contiguous) == (dtype_of(other), True)
    assert_rounded(y, activated(case.reference.between(), LEAKY_RELU, 0.2))
    gy = case.gy_where_signs_are_sure()
    sums = gradient_sums(case.x, gy, *case.channels, LEAKY_RELU, 0.2)
    gx = gradient(case.x, gy, *case.channels, *sums, LEAKY_RELU, 0.2, dtype_of(other))
    assert gx.dtype == dtype_of(other)
    assert_rounded(gx, case.reference.gradients(values_of(gy), LEAKY_RELU, 0.2)[0])


def test_arrays_that_begin_at_an_odd_address():
    case, odd = (Case((12, 16), "float16", place=place) for place in (on_device, misaligned))
    assert_rounded(odd.mean, case.reference.mean, 1e-6)
    y = normalize(odd.x, *case.channels, RELU)
    assert bits_of(y) == bits_of(normalize(case.x, *case.channels, RELU))
    sums = gradient_sums(odd.x, odd.gy, *case.channels)
    assert_rounded(sums[0], case.reference.gradients(values_of(case.gy), 0, 0)[1])
    gx = gradient(odd.x, odd.gy, *case.channels, *sums)
    assert bits_of(gx) == bits_of(gradient(case.x, case.gy, *case.channels, *sums))


def test_zero_sums_give_the_gradient_under_fixed_statistics():
    case = Case((6, 16), "float32")
    zero = on_device(np.zeros(16))
    gx = gradient(case.x, case.gy, *case.channels, zero, zero)
    factor = case.reference.gamma * case.reference.expand(case.reference.inv_std)
    assert_rounded(gx, values_of(case.gy) * factor)


def test_what_is_left_out_of_x_is_in_the_running_mean():
    case, shift = Case((6, 16), "float32"), np.arange(16)
    running = [[on_device(np.full(16, value)) for value in (1, 2)] for _ in range(2)]
    statistics(case.x, 1e-5, *running[0], 0.9)
    mean, _, _ = statistics(case.x, 1e-5, *running[1], 0.9, on_device(shift))
    assert bits_of(mean) == bits_of(case.mean)
    assert_rounded(running[1][0], values_of(running[0][0]) + 0.1 * shift, 1e-6)
    assert bits_of(running[1][1]) == bits_of(running[0][1])


def test_fixed_statistics():
    mean, var, shift = np.random.RandomState(0).rand(3, 300)
    given = on_device(mean), on_device(var), 1e-3
    found, shifted = fixed_statistics(*given), fixed_statistics(*given, on_device(shift))
    assert_rounded(found[0], mean, 1e-6)
    assert_rounded(shifted[0], mean - shift, 1e-6)
    for inv_std in (found[1], shifted[1]):
        assert_rounded(inv_std, 1 / np.sqrt(var + 1e-3), 1e-6)
