import numpy as np
import pytest

from illust_gan.functions.cuda.linear import (
    few_outputs,
    few_outputs_gradient_W,
    few_outputs_gradient_x,
    product,
)
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

# Rows, inputs and outputs: of the articles' last layers, and odd ones.
SIZES = ((3, 8192, 1), (2, 18432, 2), (5, 100, 3), (1, 7, 4), (300, 40, 4))
TYPES_OF_WEIGHTS = [("float32", "float32"), *((x, w) for x in TYPES[1:] for w in ("float32", x))]


def random(*shape, seed=0):
    return np.random.RandomState(seed).randn(*shape)


@pytest.mark.parametrize(("name", "name_of_weights"), TYPES_OF_WEIGHTS)
@pytest.mark.parametrize(("rows", "width", "outputs"), SIZES)
def test_few_outputs(rows, width, outputs, name, name_of_weights):
    x, W = on_device(random(rows, width), name), on_device(random(outputs, width), name_of_weights)
    b, gy = on_device(random(outputs)), on_device(random(rows, outputs))
    wanted = values_of(x) @ values_of(W).T
    y = few_outputs(x, W, b)
    assert y.dtype == np.float32
    assert_rounded(y, wanted + values_of(b))
    assert_rounded(few_outputs(x, W), wanted)
    assert bits_of(few_outputs(x, W, b)) == bits_of(y)

    gx = few_outputs_gradient_x(gy, W, x.dtype)
    assert gx.dtype == x.dtype
    assert_rounded(gx, values_of(gy) @ values_of(W))
    gW = few_outputs_gradient_W(x, gy)
    assert gW.dtype == np.float32
    assert_rounded(gW, values_of(gy).T @ values_of(x))
    assert bits_of(few_outputs_gradient_W(x, gy)) == bits_of(gW)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shape", [(3, 32, 4, 4), (1, 5, 3, 7), (2, 8, 1, 1)])
@pytest.mark.parametrize("last", [True, False])
def test_few_outputs_of_pictures(last, shape, name):
    x = on_device(random(*shape), name, last=last)
    W, gy = on_device(random(2, x[0].size)), on_device(random(len(x), 2))
    flat = values_of(x).reshape(len(x), -1)
    assert_rounded(few_outputs(x, W), flat @ values_of(W).T)
    gx = few_outputs_gradient_x(gy, W, x.dtype, x)
    assert (gx.dtype, steps_of(gx)) == (x.dtype, steps_of(x))
    assert_rounded(gx, (values_of(gy) @ values_of(W)).reshape(shape))
    gW = few_outputs_gradient_W(x, gy)
    assert gW.flags.c_contiguous
    assert_rounded(gW, values_of(gy).T @ flat)


def test_few_outputs_where_arrays_begin_at_an_odd_address():
    x, W, gy = random(6, 32), random(2, 32, seed=1), on_device(random(6, 2))
    odd_x, odd_W = misaligned(x, "float16"), misaligned(W)
    x, W = values_of(odd_x), values_of(odd_W)
    assert_rounded(few_outputs(odd_x, odd_W), x @ W.T)
    assert_rounded(few_outputs_gradient_x(gy, odd_W, dtype_of("float16")), values_of(gy) @ W)
    assert_rounded(few_outputs_gradient_W(odd_x, gy), values_of(gy).T @ x)


@pytest.mark.parametrize(
    ("name_a", "name_b", "name"),
    [
        ("float32", "float32", "float32"),
        ("float32", "bfloat16", "bfloat16"),
        ("float16", "float32", "float32"),
        ("bfloat16", "bfloat16", "float32"),
    ],
)
@pytest.mark.parametrize(("m", "k", "n"), [(3, 100, 130), (65, 17, 64), (1, 1, 1), (70, 16, 5)])
def test_product(m, k, n, name_a, name_b, name):
    a, b = on_device(random(m, k), name_a), on_device(random(k, n, seed=1), name_b)
    bias = on_device(random(n, seed=2))
    wanted = values_of(a) @ values_of(b)
    y = product(a, b, dtype=dtype_of(name))
    assert (y.dtype, y.flags.c_contiguous) == (dtype_of(name), True)
    assert_rounded(y, wanted)
    assert_rounded(product(a, b, bias), wanted + values_of(bias))
    transposed = on_device(random(m, k).T, name_a).T, on_device(random(k, n, seed=1).T, name_b).T
    assert bits_of(product(*transposed, dtype=y.dtype)) == bits_of(y)


def test_product_of_parts_of_matrices():
    a, b = on_device(random(40, 60))[::3, 5:45:2], on_device(random(90, 50, seed=1))[80:20:-3, ::4]
    assert_rounded(product(a, b), values_of(a) @ values_of(b))
