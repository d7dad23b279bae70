"""Softmax cross entropy on the fast path gives what Chainer's own gives, to rounding."""

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer.functions.loss.softmax_cross_entropy import SoftmaxCrossEntropy
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import switch

TOLERANCES = {"float32": 2e-6, "float64": 1e-14}
NAMES = ["softmax_cross_entropy", "softmax_cross_entropy_gradient"]


def loss_and_gradient(x, t, **options):
    x = chainer.Variable(x)
    loss = F.softmax_cross_entropy(x, t, **options)
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
        scale = np.abs(x[np.isfinite(x)]).max(initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)
    return fast


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([(1, 1), (64, 2), (5, 3), (3, 40), (2, 3, 4, 5), (7, 4, 2), (900, 9)]),
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
    t = rng.randint(-1, shape[1], shape[:1] + shape[2:]).astype(t_dtype)
    assert_same(x, t, normalize=normalize, reduce=reduce)


@pytest.mark.parametrize("label", [-1, 0, 1])
@pytest.mark.parametrize("dtype", sorted(TOLERANCES))
def test_extreme_logits(dtype, label):
    edges = [0, -0.0, 88, 104, 746, 1e30, np.inf, -np.inf, np.nan]
    x = np.array([(a, b, 1) for a in edges for b in edges], dtype)
    assert_same(x, np.full(len(x), label, "i"), reduce="no")


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": np.array([1, 2, 0.5], "f")},
        {"cache_score": False},
        {"ignore_label": 1},
        {"ignore_label": 100},
        {"enable_double_backprop": True},
    ],
    ids=lambda options: next(iter(options)),
)
def test_options(options):
    rng = np.random.RandomState(0)
    x, t = rng.randn(6, 3).astype("f"), np.array([0, 1, 2, 0, 1, 2])
    t[0] = options.get("ignore_label", -1)
    assert_same(x, t, **options)


def test_labels_that_are_shares():
    rng = np.random.RandomState(0)
    assert_same(rng.randn(4, 3).astype("f"), rng.rand(4, 3).astype("f"))


@pytest.mark.parametrize("turn", [np.asfortranarray, lambda x: x[::2, ::-1], lambda x: x[::-1]])
@pytest.mark.parametrize("reduce", ["mean", "no"])
def test_orders_of_memory(turn, reduce):
    rng = np.random.RandomState(0)
    x, t = turn(rng.randn(6, 4, 5).astype("f")), turn(rng.randint(-1, 4, (6, 5)))
    for labels in (t[:, : x.shape[2]], np.ascontiguousarray(t)[:, : x.shape[2]]):
        assert_same(x[:, :, : labels.shape[1]], labels, reduce=reduce)


def test_labels_that_are_no_classes():
    x = np.zeros((2, 3), "f")
    with pytest.raises(IndexError, match="out of bounds"):
        F.softmax_cross_entropy(x, np.array([0, 3]))
    # -2 counts from the end in Chainer, whether it means to or not.
    assert_same(x + np.arange(3, dtype="f"), np.array([0, -2]))
    with chainer.using_config("debug", True), pytest.raises(ValueError, match="Each label"):
        F.softmax_cross_entropy(x, np.array([0, -2]))


def test_labels_that_change_before_the_gradient_is_taken():
    x, t = chainer.Variable(np.zeros((2, 3), "f")), np.array([0, 1])
    loss = F.softmax_cross_entropy(x, t)
    t[:] = 1000
    with pytest.raises(IndexError, match="out of bounds"):
        loss.backward()


@pytest.mark.parametrize("reduce", ["mean", "no"])
def test_no_pictures_no_loss(reduce):
    # Of the gradient, Chainer's own returns too many (softmax_cross_entropy.py:282).
    loss = F.softmax_cross_entropy(np.zeros((0, 2), "f"), np.zeros(0, "i"), reduce=reduce).array
    assert loss.shape == (() if reduce == "mean" else (0,))
    assert not loss.any()


def test_threads_do_not_change_a_bit():
    rng = np.random.RandomState(0)
    x, t = rng.randn(3000, 17).astype("f"), rng.randint(-1, 17, 3000)
    found = []
    for threads in (1, 2):
        with illust_gan.config.using(threads=threads):
            found.append([a.tobytes() for a in loss_and_gradient(x, t)])
    assert found[0] == found[1]


@pytest.mark.parametrize("cache_score", [True, False])
def test_what_chainer_keeps_is_there(cache_score):
    function = SoftmaxCrossEntropy(cache_score=cache_score)
    function.apply((np.zeros((4, 2), "f"), np.array([0, 1, -1, 0])))
    assert function._coeff == 1 / 3
    assert function.y is None if not cache_score else function.y.tolist() == [[0.5, 0.5]] * 4


@pytest.mark.parametrize("dtype", sorted(TOLERANCES))
def test_the_kernels_are_used(dtype, monkeypatch):
    kernels, used = switch.fast_kernels(np.dtype(dtype)), []
    for name in NAMES:
        kernel = getattr(kernels, name)
        # What they return says whether the labels are classes.
        monkeypatch.setattr(
            kernels,
            name,
            lambda *args, kernel=kernel, name=name: used.append((name, kernel(*args))),
        )
    assert_same(np.ones((2, 2), dtype), np.ones(2, "i"))
    assert used == [(name, 0) for name in NAMES]
