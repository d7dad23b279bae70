"""Linear on the fast path gives what Chainer's own gives, to rounding."""

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from chainer.graph_optimizations.static_graph import static_graph
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import switch

TOLERANCES = {"float32": 2e-5, "float64": 1e-13}
TURNS = {
    "row by row": np.array,
    "column by column": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "reversed": lambda x: np.array(x[::-1, ::-1])[::-1, ::-1],
    "one row": lambda x: np.broadcast_to(x[:1], x.shape),
}
# Those of the nets' layers (100 → 8192, 8192 → 1, 18432 → 2), and a few of any kind.
sizes = st.sampled_from([1, 2, 3, 4, 5, 7, 16, 31, 64, 100, 129, 300])
turns = st.sampled_from(sorted(TURNS))


def output_and_gradients(x, W, b):
    variables = [chainer.Variable(array) for array in (x, W, b) if array is not None]
    y = F.linear(*variables)
    y.grad = np.random.RandomState(1).randn(*y.shape).astype(y.dtype)
    y.backward()
    return y.array, *(v.grad for v in variables)


def assert_same(x, W, b=None):
    fast = output_and_gradients(x, W, b)
    with illust_gan.config.using(fast=False):
        plain = output_and_gradients(x, W, b)
    for ours, theirs in zip(fast, plain, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        scale = max(np.abs(theirs.astype(float)).max(initial=0), 1e-3)
        tolerance = TOLERANCES.get(str(x.dtype), 2e-2) * scale
        np.testing.assert_allclose(ours.astype(float), theirs, rtol=0, atol=tolerance)


@settings(max_examples=120, deadline=None)
@given(
    st.tuples(sizes, sizes, sizes),
    st.sampled_from(sorted(TOLERANCES)),
    turns,
    turns,
    st.booleans(),
    st.integers(0, 99),
)
def test_random_layers(sizes, dtype, x_turn, W_turn, bias, seed):
    rng = np.random.RandomState(seed)
    n, n_in, n_out = sizes
    x = TURNS[x_turn](rng.randn(n, n_in).astype(dtype))
    W = TURNS[W_turn](rng.randn(n_out, n_in).astype(dtype))
    assert_same(x, W, rng.randn(n_out).astype(dtype) if bias else None)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 3, 64])
@pytest.mark.parametrize(("n_in", "n_out"), [(100, 8192), (8192, 1), (18432, 2)])
def test_layers_of_the_nets(n, n_in, n_out, dtype):
    rng = np.random.RandomState(0)
    x, W = rng.randn(n, n_in).astype(dtype), rng.randn(n_out, n_in).astype(dtype)
    assert_same(x, W, rng.randn(n_out).astype(dtype))


@pytest.mark.parametrize("shape", [(0, 3, 2), (3, 0, 2), (3, 2, 0), (0, 0, 0)])
def test_nothing_in_nothing_out(shape):
    n, n_in, n_out = shape
    assert_same(np.ones((n, n_in), "f"), np.ones((n_out, n_in), "f"), np.ones(n_out, "f"))


@pytest.mark.parametrize("dtypes", ["fd", "df", "ef", "ee"])
def test_types_that_stay_chainers(dtypes):
    rng = np.random.RandomState(0)
    x, W = rng.randn(16, 100).astype(dtypes[0]), rng.randn(50, 100).astype(dtypes[1])
    assert_same(x, W)


@pytest.mark.parametrize("n_out", [2, 40])
@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_a_nan_stays_in_its_row(n_out, special):
    x, W = np.ones((40, 300), "f"), np.ones((n_out, 300), "f")
    x[5, 7] = special
    y = F.linear(x, W).array
    np.testing.assert_array_equal(y[5], special)
    np.testing.assert_array_equal(np.delete(y, 5, axis=0), 300)


def test_threads_do_not_change_a_bit():
    rng = np.random.RandomState(0)
    found = []
    layers = [(64, 100, 900), (64, 3000, 1), (64, 3000, 2), (1, 100, 900), (130, 700, 130)]
    arrays = [
        (rng.randn(n, n_in).astype("f"), rng.randn(n_out, n_in).astype("f"), None)
        for n, n_in, n_out in layers
    ]
    for threads in (1, 2, 3):
        with illust_gan.config.using(threads=threads):
            found.append([a.tobytes() for layer in arrays for a in output_and_gradients(*layer)])
    assert found[0] == found[1] == found[2]


def test_double_backward():
    rng = np.random.RandomState(0)
    x, W, b = rng.randn(6, 70), rng.randn(30, 70), rng.randn(30)
    gradient_check.check_double_backward(
        F.linear,
        (x, W, b),
        rng.randn(6, 30),
        (rng.randn(*x.shape), rng.randn(*W.shape), rng.randn(30)),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.fixture
def used(monkeypatch):
    """The sizes (m, n, k) of the products that the kernel for float32 takes."""
    kernels, sizes = switch.fast_kernels(np.dtype("f")), []
    linear = kernels.linear
    monkeypatch.setattr(kernels, "linear", lambda *args: (sizes.append(args[3:6]), linear(*args)))
    return sizes


class StaticNet(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.linear = chainer.links.Linear(100, 200)

    @static_graph
    def __call__(self, x):
        return self.linear(x)


def test_a_static_graph_repeats_the_product(used):
    rng = np.random.RandomState(0)
    net = StaticNet()
    numbers = []
    with chainer.using_config("use_static_graph", True), chainer.using_config("train", False):
        for fast in (True, True, False, True):
            x = rng.randn(16, 100).astype("f")
            expected = x @ net.linear.W.array.T + net.linear.b.array
            with illust_gan.config.using(fast=fast):
                y = net(chainer.Variable(x))
            np.testing.assert_allclose(y.array, expected, rtol=0, atol=1e-5)
            numbers.append(len(used))
    # The first time it is computed twice: to take it down, and to give it.
    assert numbers == [2, 3, 3, 4]


def test_the_kernel_is_used(used):
    assert_same(np.ones((64, 300), "f"), np.ones((20, 300), "f"))
    assert used == [(64, 20, 300), (64, 300, 20), (20, 300, 64)]
