"""Sigmoid cross entropy on the fast path gives what Chainer's own gives, to rounding."""

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from chainer.functions.loss.sigmoid_cross_entropy import SigmoidCrossEntropy
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import switch

TOLERANCES = {"float32": 1e-6, "float64": 2e-15}


def loss_and_gradient(x, t, **options):
    x = chainer.Variable(x)
    loss = F.sigmoid_cross_entropy(x, t, **options)
    loss.grad = np.asarray(np.random.RandomState(1).randn(*loss.shape), x.dtype)
    loss.backward()
    return loss.array, x.grad


def assert_same(x, t, **options):
    with np.errstate(all="ignore"):
        fast = loss_and_gradient(x, t, **options)
        with illust_gan.config.using(fast=False):
            plain = loss_and_gradient(x, t, **options)
    for ours, theirs in zip(fast, plain, strict=True):
        assert type(ours) is np.ndarray
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        tolerance = TOLERANCES[str(x.dtype)]
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    return fast


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([(0, 2), (1, 1), (64, 1), (5, 3), (2, 3, 4, 5), (3, 3000)]),
    st.sampled_from(sorted(TOLERANCES)),
    st.sampled_from(["int8", "int32", "int64"]),
    st.booleans(),
    st.sampled_from(["mean", "no"]),
    st.sampled_from([0.1, 1, 30, 300]),
    st.integers(0, 99),
)
def test_random_logits(shape, dtype, t_dtype, normalize, reduce, scale, seed):
    rng = np.random.RandomState(seed)
    x = (rng.randn(*shape) * scale).astype(dtype)
    t = rng.randint(-1, 2, shape).astype(t_dtype)
    assert_same(x, t, normalize=normalize, reduce=reduce)


@pytest.mark.parametrize("label", [-1, 0, 1])
@pytest.mark.parametrize("dtype", sorted(TOLERANCES))
def test_extreme_logits(dtype, label):
    edges = np.array([0.0, -0.0, 88, -88, 103, 745, 1e-30, 1e30, np.inf, -np.inf, np.nan], dtype)
    x = np.concatenate([edges, -edges])
    assert_same(x, np.full(x.shape, label, "i"), reduce="no")


def test_a_small_loss_keeps_its_digits():
    x = np.array([30, 40, 80], "f")
    loss = F.sigmoid_cross_entropy(x, np.ones(3, "i"), reduce="no").array
    np.testing.assert_allclose(loss, np.exp(-x.astype("d")), rtol=1e-6)


@pytest.mark.parametrize("turn", [np.asfortranarray, lambda x: x[::2, ::-1], lambda x: x[:, :1]])
@pytest.mark.parametrize("reduce", ["mean", "no"])
def test_orders_of_memory(turn, reduce):
    rng = np.random.RandomState(0)
    x, t = rng.randn(6, 4, 5).astype("f"), rng.randint(-1, 2, (6, 4, 5)).astype("i")
    for logits, labels in (
        (turn(x), turn(t)),
        (turn(x), turn(t).copy()),
        (turn(x).copy(), turn(t)),
    ):
        assert_same(logits, labels, reduce=reduce)


def test_pictures_that_are_channels_last_stay_so():
    x = np.zeros((2, 4, 4, 3), "f").transpose(0, 3, 1, 2)
    gradient = loss_and_gradient(x, np.ones(x.shape, "i"))[1]
    assert gradient.transpose(0, 2, 3, 1).flags.c_contiguous


def test_all_labels_ignored():
    loss, gradient = assert_same(np.ones((3, 2), "f"), np.full((3, 2), -1, "i"))
    assert loss == 0
    assert not gradient.any()


def test_threads_do_not_change_a_bit():
    rng = np.random.RandomState(0)
    x, t = rng.randn(30_001).astype("f"), rng.randint(-1, 2, 30_001).astype("i")
    found = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            found.append([a.tobytes() for a in loss_and_gradient(x, t)])
    assert found[0] == found[1]


def test_double_backward():
    rng = np.random.RandomState(0)
    x, t = rng.randn(5, 3), rng.randint(-1, 2, (5, 3))
    for reduce, shape in (("mean", ()), ("no", (5, 3))):
        gradient_check.check_double_backward(
            lambda x, reduce=reduce: F.sigmoid_cross_entropy(x, t, reduce=reduce),
            x,
            np.asarray(rng.randn(*shape)),
            rng.randn(5, 3),
        )


def test_what_chainer_keeps_is_there():
    function = SigmoidCrossEntropy()
    t = np.array([[1, -1], [0, 1]])
    function.apply((np.zeros((2, 2), "f"), t))
    assert function.count == 3
    assert function.ignore_mask.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize("dtype", sorted(TOLERANCES))
def test_the_kernels_are_used(dtype, monkeypatch):
    kernels, used = switch.fast_kernels(np.dtype(dtype)), []
    for name in ("sigmoid_cross_entropy", "sigmoid_cross_entropy_gradient"):
        kernel = getattr(kernels, name)
        monkeypatch.setattr(
            kernels,
            name,
            lambda *args, kernel=kernel, name=name: (used.append(name), kernel(*args)),
        )
    assert_same(np.ones((2, 2), dtype), np.ones((2, 2), "i"))
    assert used == ["sigmoid_cross_entropy", "sigmoid_cross_entropy_gradient"]
