"""``cupy.testing``: comparing device arrays, on the host."""

import numpy as np

from cupy._creation import asnumpy


def assert_array_equal(x, y, err_msg="", verbose=True, **kwargs):
    """Raise AssertionError if two arrays differ."""
    np.testing.assert_array_equal(asnumpy(x), asnumpy(y), err_msg, verbose, **kwargs)


def assert_allclose(actual, desired, rtol=1e-7, atol=0, err_msg="", verbose=True):
    """Raise AssertionError if two arrays differ by more than the tolerances."""
    np.testing.assert_allclose(
        asnumpy(actual), asnumpy(desired), rtol, atol, err_msg=err_msg, verbose=verbose
    )
