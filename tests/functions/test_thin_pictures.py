"""Convolutions of pictures of few channels, whose kernels are their own, beside plain sums."""

import chainer.functions as F
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.functions import convolution
from tests.functions.test_convolution import TOLERANCES, pairs


@st.composite
def thin_layers(draw):
    """Geometry, sizes of both pictures and channels of layers whose bigger picture is thin."""
    if draw(st.booleans()):
        ksize, stride, pad, dilate = (4, 4), (2, 2), (1, 1), (1, 1)
    else:
        ksize = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
        stride = draw(pairs)
        pad = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        dilate = draw(st.integers(1, 2)), 1
    small = draw(st.integers(1, 14)), draw(st.integers(1, 30))
    # One less than what fits, as where cover_all rounds up; one more, as where it does not.
    more = draw(st.integers(-1, 1)), draw(st.integers(-1, 1))
    big = tuple(
        max(1, s * (n - 1) + d * (k - 1) + 1 - 2 * p + extra)
        for s, n, d, k, p, extra in zip(stride, small, dilate, ksize, pad, more, strict=True)
    )
    groups = draw(st.sampled_from([1, 1, 2]))
    geometry = convolution.Geometry(ksize, stride, pad, dilate, groups)
    channels = draw(st.integers(1, 17)), draw(st.sampled_from([1, 7, 16, 33, 64, 130]))
    return geometry, big, small, channels, draw(st.integers(1, 3)), draw(st.booleans())


def sums_over_windows(big, small, W, geometry):
    """What the three functions give, by an einsum for each tap: (small, big, W)."""
    (kh, kw), (sy, sx), (ph, pw) = geometry.ksize, geometry.stride, geometry.pad
    (dy, dx), (h, w) = geometry.dilate, small.shape[2:]
    rows, columns = (h - 1) * sy + (kh - 1) * dy + 1, (w - 1) * sx + (kw - 1) * dx + 1
    H, width = big.shape[2:]
    padded = np.zeros((*big.shape[:2], max(rows, H + ph), max(columns, width + pw)))
    padded[:, :, ph : ph + H, pw : pw + width] = big
    back = np.zeros_like(padded)
    out, gW = np.zeros(small.shape), np.zeros(W.shape)
    B, S = W.shape[1], W.shape[0] // geometry.groups
    for g in range(geometry.groups):
        b, s = slice(g * B, (g + 1) * B), slice(g * S, (g + 1) * S)
        for u, v in np.ndindex(kh, kw):
            y = slice(u * dy, u * dy + (h - 1) * sy + 1, sy)
            x = slice(v * dx, v * dx + (w - 1) * sx + 1, sx)
            tap = W[s, :, u, v].astype(float)
            out[:, s] += np.einsum("nbyx,sb->nsyx", padded[:, b, y, x], tap)
            back[:, b, y, x] += np.einsum("nsyx,sb->nbyx", small[:, s], tap)
            gW[s, :, u, v] = np.einsum("nbyx,nsyx->sb", padded[:, b, y, x], small[:, s])
    return out, back[:, :, ph : ph + H, pw : pw + width], gW


K4_S2_P1 = convolution.Geometry((4, 4), (2, 2), (1, 1), (1, 1), 1)
K5_S1_P2 = convolution.Geometry((5, 5), (1, 1), (2, 2), (1, 1), 1)


# One picture of several tasks, as many as threads want.
@example((K4_S2_P1, (83, 74), (41, 37), (3, 64), 1, True), "float32")
@example((K5_S1_P2, (41, 37), (41, 37), (3, 70), 1, False), "float32")
@settings(max_examples=150, deadline=None)
@given(thin_layers(), st.sampled_from(["float32", "float64"]))
def test_thin_pictures(layer, dtype):
    geometry, big_size, small_size, (B, S), n, bias = layer
    rng, groups = np.random.RandomState(0), geometry.groups
    big, small = rng.randn(n, B * groups, *big_size), rng.randn(n, S * groups, *small_size)
    W = rng.randn(S * groups, B, *geometry.ksize)
    b_big, b_small = (rng.randn(a.shape[1]).astype(dtype) for a in (big, small))
    big, small, W = (a.astype(dtype) for a in (big, small, W))
    wanted = list(sums_over_windows(big, small, W, geometry))
    if bias:
        wanted[0] += b_small[:, None, None]
        wanted[1] += b_big[:, None, None]
    found = []
    for threads in (1, 2, 5):
        with illust_gan.config.using(threads=threads):
            results = (
                convolution.convolve(big, W, b_small if bias else None, small_size, geometry),
                convolution.deconvolve(small, W, b_big if bias else None, big_size, geometry),
                convolution.gradient_of_weights(big, small, np.dtype(dtype), geometry),
            )
        found.append([a.tobytes() for a in results])
    assert found[0] == found[1] == found[2]
    for got, exact in zip(results, wanted, strict=True):
        scale = np.sqrt(np.mean(np.square(exact)))
        np.testing.assert_allclose(got, exact, rtol=0, atol=TOLERANCES[dtype] * max(scale, 1))


@pytest.mark.parametrize("ksize", [3, 4])
def test_what_is_not_finite_stays_in_its_window_of_a_thin_picture(ksize):
    x = np.zeros((2, 16, 8, 8), "f")
    x[0, 3, 4, 4], x[1, 3, 7, 7] = np.inf, np.nan
    y = F.deconvolution_2d(x, np.ones((16, 3, ksize, ksize), "f"), stride=2, pad=1).array
    finite = np.isfinite(y)
    assert not finite[0, :, 7 : 7 + ksize, 7 : 7 + ksize].any()
    assert not finite[1, :, 13:, 13:].any()
    assert finite.sum() == y.size - 3 * ksize**2 - 3 * (y.shape[2] - 13) ** 2
