"""Arrays of all shapes and memory orders, to compare the fast paths with Chainer's own."""

import numpy as np
import pytest
from hypothesis import strategies as st

from illust_gan.functions import library


def _are_kernels_missing():
    try:
        library.find_build()
    except library.LibraryError:
        return True
    return False


needs_kernels = pytest.mark.skipif(_are_kernels_missing(), reason="there are no compiled kernels")
dtypes = st.sampled_from([np.float32, np.float64])
SPECIAL = (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-45, -1e-45, 1e-30, -1e-30, -1.0, 1.0, -17.5, -1e4)


@st.composite
def shapes(draw, min_dims=0, max_dims=5, least=0, most=9):
    """Tuples of int; now and then with more numbers than one task of a kernel takes."""
    n_dims = draw(st.integers(min_dims, max_dims))
    shape = [draw(st.integers(least, most)) for _ in range(n_dims)]
    if n_dims and draw(st.integers(0, 4)) == 0:
        shape[draw(st.integers(0, n_dims - 1))] = draw(st.sampled_from([63, 64, 130, 257, 5000]))
    return tuple(shape) if np.prod(shape) < 100000 else tuple(shape[:2])


@st.composite
def orders(draw, n_dims):
    """How an array lies in memory: a permutation of its axes, and whether there are gaps."""
    return draw(st.permutations(range(n_dims))), draw(st.integers(0, 4)) == 0


def lay(array, order):
    """Return a copy of an array with a memory order drawn by :func:`orders`."""
    permutation, has_gaps = order
    memory = np.array(array.transpose(permutation), order="C")
    if has_gaps and memory.ndim:
        memory = np.repeat(memory, 2, axis=-1)[..., ::2]
    return memory.transpose(np.argsort(permutation).astype(int))


def numbers(seed, shape, dtype, special=False):
    """Return normal numbers, with NaN, infinities and numbers near 0 among them if wanted."""
    rng = np.random.RandomState(seed)
    array = np.asarray(rng.standard_normal(shape) * 3)
    if special and array.size:
        where = rng.randint(array.size, size=1 + array.size // 3)
        array.reshape(-1)[where] = rng.choice(SPECIAL, size=where.shape)
    return array.astype(dtype)


def assert_same_bits(actual, expected):
    """Compare shape, type and bits; NaN are alike."""
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(actual, expected)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(actual)[known], np.signbit(expected)[known])
