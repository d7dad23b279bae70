import numpy as np
import pytest

from illust_gan.functions.cuda import activation
from illust_gan.functions.cuda.activation import (
    IDENTITY,
    TANH,
    activate,
    activation_gradient,
    bias_activate,
    bias_gradient,
)
from tests.functions.cuda.activations import KINDS, activated, derivative
from tests.functions.cuda.device_arrays import (
    TYPES,
    assert_rounded,
    bits_of,
    misaligned,
    on_device,
    steps_of,
    values_of,
)

pytestmark = pytest.mark.gpu

# Multiples of 16 bytes, sizes that are none, more than all threads take in one round.
SHAPES = ((2, 8, 4, 4), (1, 3, 5, 7), (1, 5, 1, 1), (3, 3, 8, 8))


def random(shape, seed=0):
    x = np.random.RandomState(seed).uniform(-3, 3, shape)
    x.flat[:: max(x.size // 7, 2)] = 0
    return x


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(("kind", "slope"), KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_activation_and_its_gradient(shape, kind, slope, name):
    x, gy = on_device(random(shape), name, last=True), on_device(random(shape, 1), name, last=True)
    y = activate(x, kind, slope)
    assert steps_of(y) == steps_of(x)
    assert_rounded(y, activated(values_of(x), kind, slope))
    gx = activation_gradient(y, gy, kind, slope)
    assert steps_of(gx) == steps_of(x)
    # Chainer's derivative is computed from y, so y's rounding is in it.
    error = 4e-6 if name == "float32" else 2.0**-7
    assert_rounded(gx, values_of(gy) * derivative(values_of(x), kind, slope), error)


@pytest.mark.parametrize(("kind", "slope"), KINDS)
def test_not_a_number_stays_one_and_infinities_do_not_become_one(kind, slope):
    y = values_of(activate(on_device([np.nan, np.inf, -np.inf, 1]), kind, slope))
    assert np.isnan(y).tolist() == [True, False, False, False]


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", [*SHAPES, (4, 24), (2, 7)])
def test_bias_before_activation(shape, name):
    x = on_device(random(shape), name, last=len(shape) == 4)
    b = np.random.RandomState(2).uniform(-1, 1, shape[1]).astype("f")
    wanted = values_of(x) + b.reshape(-1, *[1] * (len(shape) - 2))
    for kind, slope in KINDS:
        y = bias_activate(x, on_device(b), kind, slope)
        assert steps_of(y) == steps_of(x)
        assert_rounded(y, activated(wanted, kind, slope))
    before = x
    assert bias_activate(x, on_device(b), IDENTITY, 0, out=x) is before
    assert_rounded(x, wanted)


def test_bias_where_a_thread_comes_to_other_channels(monkeypatch):
    # A round of all threads takes 512 numbers or 2048, which are no multiples of 5.
    monkeypatch.setattr(activation, "_MOST_BLOCKS", 2)
    x, b = np.arange(6000, dtype="f").reshape(-1, 5) % 1000, np.arange(5, dtype="f")
    for array in (misaligned(x), on_device(x)):
        np.testing.assert_array_equal(values_of(bias_activate(array, on_device(b), 0, 0)), x + b)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(
    "shape", [*SHAPES, (4, 24), (2, 7), (3, 200), (5, 16, 6, 10), (2, 3, 16, 16), (1500, 3)]
)
def test_gradient_of_bias(shape, name):
    gy = on_device(random(shape), name, last=len(shape) == 4)
    axis = (0, 2, 3) if len(shape) == 4 else 0
    gb = bias_gradient(gy)
    assert (gb.shape, gb.dtype) == ((shape[1],), np.float32)
    assert_rounded(gb, values_of(gy).sum(axis))
    assert bits_of(bias_gradient(gy)) == bits_of(gb)


def test_arrays_that_begin_at_an_odd_address():
    x, b = random((6, 8)), on_device(np.arange(8, dtype="f"))
    y = bias_activate(misaligned(x, "float16"), b, TANH, 0)
    assert bits_of(y) == bits_of(bias_activate(on_device(x, "float16"), b, TANH, 0))
    gb = bias_gradient(misaligned(x, "float16"))
    assert_rounded(gb, values_of(on_device(x, "float16")).sum(0))
