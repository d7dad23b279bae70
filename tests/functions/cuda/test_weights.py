import numpy as np
import pytest

from illust_gan.functions.cuda.weights import prepared, unchanged

pytestmark = pytest.mark.gpu


def test_made_once_while_nothing_changes():
    import cupy

    W = cupy.asarray(np.random.RandomState(0).randn(5, 3, 4, 4), dtype=np.float32)
    half = np.dtype(np.float16)
    with unchanged():
        first = prepared(W, half)
        assert first.transpose(0, 2, 3, 1).flags.c_contiguous
        np.testing.assert_array_equal(first.get(), W.get().astype(half))
        assert prepared(W, half) is first
        assert prepared(W, W.dtype) is not first
        with unchanged():
            assert prepared(W, half) is not first
        assert prepared(W, half) is first
    W *= 2
    np.testing.assert_array_equal(prepared(W, half).get(), W.get().astype(half))


def test_a_matrix_of_the_right_type_is_itself():
    import cupy

    W = cupy.asarray(np.eye(3), dtype=np.float32)
    assert prepared(W, W.dtype) is W
    assert prepared(W.T, W.dtype).flags.c_contiguous
