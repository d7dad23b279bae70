"""Weights as cuDNN reads them, made once for all that an iteration does with them.

Chainer's weights are (S, C, kh, kw) in memory and float32; cuDNN's lie channels-last, in the type
of the products. A discriminator is gone through five times in one iteration.
"""

import contextlib
import threading

from illust_gan.functions.cuda import layout


class _Kept(threading.local):
    arrays = None


_kept = _Kept()


@contextlib.contextmanager
def unchanged():
    """Promise, for the length of a ``with`` block, that weights used in it do not change.

    Those that are not used any more in the block may.
    """
    before, _kept.arrays = _kept.arrays, {}
    try:
        yield
    finally:
        _kept.arrays = before


def prepared(W, dtype):
    """Return weights with the channels last in memory and of a type.

    Args:
        W (cupy.ndarray): (S, C, kh, kw) or a matrix, in any order in memory.
        dtype (numpy.dtype): float32, float16 or bfloat16.

    Returns:
        cupy.ndarray: ``W`` itself if there is nothing to do; within :func:`unchanged`, the same
        array each time.
    """
    prepare = layout.channels_last if W.ndim == 4 else layout.channels_second
    if _kept.arrays is None:
        return prepare(W, dtype)
    key = W.data.ptr, W.shape, W.strides, str(dtype)
    # With W, whose place in memory nobody else may get meanwhile.
    if key not in _kept.arrays:
        _kept.arrays[key] = prepare(W, dtype), W
    return _kept.arrays[key][0]
