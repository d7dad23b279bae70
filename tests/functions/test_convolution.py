"""Fast convolutions give what Chainer's own give, to rounding, forward and backward."""

import chainer
import chainer.functions as F
import numpy as np
import pytest
from chainer import gradient_check
from hypothesis import given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import convolution, switch
from tests.functions.arrays import needs_kernels

TOLERANCES = {"float16": 2e-2, "float32": 2e-5, "float64": 1e-13}
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
channels = st.sampled_from([1, 2, 3, 5, 17, 32, 64])


def rearranged(x, order):
    """The same numbers in another order of memory."""
    if order == "channels last":
        return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if order == "Fortran":
        return np.asfortranarray(x)
    if order == "every other":
        return np.repeat(x, 2, axis=3)[:, :, :, ::2]
    if order == "reversed":
        return np.ascontiguousarray(x[:, ::-1])[:, ::-1]
    return x


orders = st.sampled_from(["dense", "channels last", "Fortran", "every other", "reversed"])


def both_ways(function, arrays):
    """Output and gradients of all inputs, on the fast path and on the plain one.

    Chainer's own adds up float16 in float16, and is off by more than the kernels with a few hundred
    products. So it gets the same numbers as float32.
    """
    results = []
    for fast in (True, False):
        with illust_gan.config.using(fast=fast):
            dtype = arrays[0].dtype if fast else np.promote_types(arrays[0].dtype, np.float32)
            given = [None if a is None else a.astype(dtype, copy=False) for a in arrays]
            variables = [None if a is None else chainer.Variable(a) for a in given]
            y = function(*variables)
            y.grad = np.random.RandomState(1).randn(*y.shape).astype(arrays[0].dtype).astype(dtype)
            y.backward()
            results.append([y.array, *(v.grad for v in variables if v is not None)])
    return results


def assert_same(function, arrays):
    for fast, plain in zip(*both_ways(function, arrays), strict=True):
        assert fast.dtype == arrays[0].dtype
        assert fast.shape == plain.shape
        scale = np.sqrt(np.mean(np.square(plain.astype(float)))) if plain.size else 1
        tolerance = TOLERANCES[str(arrays[0].dtype)] * max(scale, 1e-3)
        np.testing.assert_allclose(fast.astype(float), plain, rtol=0, atol=tolerance)


@st.composite
def layers(draw):
    """Arrays and options of one layer: (picture, the other side's channels …)."""
    rng = np.random.RandomState(draw(st.integers(0, 99)))
    dtype = draw(st.sampled_from(sorted(TOLERANCES)))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    options = {
        "stride": draw(pairs),
        "pad": (draw(st.integers(0, 3)), draw(st.integers(0, 3))),
        "dilate": draw(pairs),
        "groups": groups,
    }
    ksize = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    if draw(st.booleans()):
        ksize, groups = (4, 4), 1
        options = {"stride": (2, 2), "pad": (1, 1), "dilate": (1, 1), "groups": 1}
    shape = (draw(st.integers(1, 4)), draw(st.integers(1, 14)), draw(st.integers(1, 14)))
    sides = draw(channels), draw(channels)
    return rng, dtype, groups, options, ksize, shape, sides, draw(orders), draw(st.booleans())


@settings(max_examples=80, deadline=None)
@given(layers(), st.booleans())
def test_convolution(layer, cover_all):
    rng, dtype, groups, options, ksize, (n, h, w), (c_in, c_out), order, bias = layer
    x = rearranged(rng.randn(n, c_in * groups, h + 12, w + 12).astype(dtype), order)
    W = rng.randn(c_out * groups, c_in, *ksize).astype(dtype)
    b = rng.randn(c_out * groups).astype(dtype) if bias else None
    assert_same(lambda *args: F.convolution_2d(*args, cover_all=cover_all, **options), (x, W, b))


@settings(max_examples=80, deadline=None)
@given(layers(), st.tuples(st.integers(0, 1), st.integers(0, 1)))
def test_deconvolution(layer, more):
    rng, dtype, groups, options, ksize, (n, h, w), (c_in, c_out), order, bias = layer
    x = rearranged(rng.randn(n, c_in * groups, h, w).astype(dtype), order)
    W = rng.randn(c_in * groups, c_out, *ksize).astype(dtype)
    b = rng.randn(c_out * groups).astype(dtype) if bias else None
    outsize = [
        s * (size - 1) + (k - 1) * d + 1 - 2 * p + min(extra, s - 1)
        for s, size, k, d, p, extra in zip(
            options["stride"], (h, w), ksize, options["dilate"], options["pad"], more
        )
    ]
    if min(outsize) < 1:
        return
    assert_same(lambda *args: F.deconvolution_2d(*args, outsize=outsize, **options), (x, W, b))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [(4, 4), (6, 10), (7, 9), (2, 3)])
@pytest.mark.parametrize("function", [F.convolution_2d, F.deconvolution_2d])
@pytest.mark.parametrize("deconvolution", ["deconvolution", "few_deconvolution"])
def test_minimal_filtering(function, deconvolution, size, dtype, monkeypatch):
    monkeypatch.setattr(convolution._filtering_pays, "__defaults__", (1,))
    few = range(1, 1000 if deconvolution == "few_deconvolution" else 1)
    monkeypatch.setattr(convolution, "_FEW_TILES", few)
    used = []
    kernels = switch.fast_kernels(np.dtype(dtype))
    for name in ("convolution", "deconvolution", "few_deconvolution", "gradient"):
        kernel = getattr(kernels, f"winograd_{name}")
        monkeypatch.setattr(
            kernels,
            f"winograd_{name}",
            lambda *args, kernel=kernel, name=name: (used.append(name), kernel(*args)),
        )
    rng = np.random.RandomState(0)
    x, W = rng.randn(5, 64, *size).astype(dtype), rng.randn(64, 64, 4, 4).astype(dtype)
    assert_same(lambda *args: function(*args, stride=2, pad=1), (x, W, rng.randn(64).astype(dtype)))
    # Half of an odd size, doubled, leaves a row over, which a transposed convolution by minimal
    # filtering does not reach.
    odd = function is F.convolution_2d and any(length % 2 for length in size)
    assert set(used) == {"convolution", "gradient"} | (set() if odd else {deconvolution})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("n", "channels", "size"),
    [(1, (64, 64), (6, 6)), (2, (80, 48), (5, 9)), (1, (32, 96), (24, 24)), (3, (144, 32), (1, 2))],
)
def test_few_tiles_give_the_bits_of_many(n, channels, size, dtype):
    kernels = switch.fast_kernels(np.dtype(dtype))
    rng = np.random.RandomState(0)
    (S, B), (h, w) = channels, size
    x, W = rng.randn(n, h, w, S).astype(dtype), rng.randn(S, B, 4, 4).astype(dtype)
    b, after = rng.randn(B).astype(dtype), rng.randn(3, B).astype(dtype)
    found = set()
    for threads in (1, 2, 3, 16):
        with illust_gan.config.using(threads=threads):
            for filtering in (kernels.winograd_deconvolution, kernels.winograd_few_deconvolution):
                y = np.full((n, 2 * h, 2 * w, B), np.nan, dtype)
                filtering(x, W, b, y, n, 2 * h, 2 * w, h, w, B, S, after, 1, 0.0)
                found.add(y.tobytes())
    assert len(found) == 1
    assert np.isfinite(y).all()


@pytest.mark.parametrize("shape", [(1, 512, 6, 6), (2, 70, 33, 17), (3, 3, 64, 65), (1, 1, 1, 1)])
def test_channels_last(shape):
    x = np.random.RandomState(0).randn(*shape).astype("f")
    y = convolution._channels_last(switch.fast_kernels(x.dtype), x, x.dtype)
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous
    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("function", [F.convolution_2d, F.deconvolution_2d])
@pytest.mark.parametrize("channels", [3, 64])
def test_double_backward(function, channels):
    rng = np.random.RandomState(0)
    x, W = rng.randn(2, channels, 6, 6), rng.randn(channels, channels, 4, 4) / channels
    y = function(x, W, stride=2, pad=1)
    gradient_check.check_double_backward(
        lambda *args: function(*args, stride=2, pad=1),
        (x, W, rng.randn(channels)),
        rng.randn(*y.shape),
        (rng.randn(*x.shape), rng.randn(*W.shape), rng.randn(channels)),
        rtol=1e-4,
        atol=1e-4,
    )


def test_the_number_of_threads_does_not_change_a_bit():
    rng = np.random.RandomState(0)
    x, W = rng.randn(9, 64, 12, 12).astype("f"), rng.randn(128, 64, 4, 4).astype("f")
    small, W3 = rng.randn(9, 3, 12, 12).astype("f"), rng.randn(16, 3, 5, 5).astype("f")
    found = []
    for threads in (1, 2, 3):
        with illust_gan.config.using(threads=threads):
            arrays = []
            for inputs in ((x, W), (small, W3)):
                variables = [chainer.Variable(a) for a in inputs]
                y = F.convolution_2d(*variables, stride=2, pad=1)
                y.grad = y.array.copy()
                y.backward()
                arrays += [y.array.tobytes(), *(v.grad.tobytes() for v in variables)]
        found.append(arrays)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(("B", "size"), [(24, 4), (20, 6), (96, 8)])
def test_the_number_of_threads_does_not_change_a_small_map(B, size):
    rng = np.random.RandomState(0)
    x, W = rng.randn(1, 70, size, size).astype("f"), rng.randn(70, B, 4, 4).astype("f")
    found = set()
    for threads in (1, 2, 3, 16):
        with illust_gan.config.using(threads=threads):
            found.add(F.deconvolution_2d(x, W, stride=2, pad=1).array.tobytes())
    assert len(found) == 1


@needs_kernels
@pytest.mark.parametrize("n_out", [18, 40, 64])
@pytest.mark.parametrize("size", [(2, 3), (4, 4), (7, 6), (16, 17)])
def test_small_pictures_share_products_and_nothing_else(size, n_out):
    """Where there are few, and where they are many enough to be shared out among tasks."""
    rng = np.random.RandomState(0)
    x, W = rng.randn(20, 33, *size).astype("f"), rng.randn(33, n_out, 5, 5).astype("f")
    with illust_gan.config.using(threads=2):
        alone = [F.deconvolution_2d(x[i : i + 1], W, stride=2, pad=2).array for i in range(20)]
        for n in (3, 20):
            together = F.deconvolution_2d(x[:n], W, stride=2, pad=2).array
            np.testing.assert_array_equal(together, np.concatenate(alone[:n]))


def test_results_are_channels_last_in_memory():
    x = np.ones((2, 3, 8, 8), "f")
    y = F.convolution_2d(x, np.ones((5, 3, 4, 4), "f"), stride=2, pad=1).array
    assert y.transpose(0, 2, 3, 1).flags.c_contiguous


def test_a_nan_stays_in_its_window():
    x = np.zeros((1, 64, 16, 16), "f")
    x[0, 5, 0, 0] = np.nan
    y = F.convolution_2d(x, np.ones((64, 64, 4, 4), "f"), stride=2, pad=1).array
    assert np.isnan(y[0, :, 0, 0]).all()
    assert not np.isnan(y[:, :, 2:, 2:]).any()


def test_numbers_of_the_other_byte_order():
    rng = np.random.RandomState(0)
    x, W = rng.randn(2, 3, 8, 8).astype("f"), rng.randn(4, 3, 4, 4).astype("f")
    y = convolution.convolve(
        x.astype(">f4"), W, None, (4, 4), convolution.Geometry((4, 4), (2, 2), (1, 1), (1, 1), 1)
    )
    expected = F.convolution_2d(x, W, stride=2, pad=1).array
    np.testing.assert_array_equal(y.astype("f"), expected)


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 0, 8, 8)])
def test_nothing_in_nothing_out(shape):
    x, W = np.zeros(shape, "f"), np.zeros((4, shape[1], 4, 4), "f")
    assert F.convolution_2d(x, W, stride=2, pad=1).shape == (shape[0], 4, 4, 4)
