"""Means of reported losses without five kernels for each, and without a look at them before."""

import functools

import numpy as np

from illust_gan.functions import switch
from illust_gan.functions.cuda.module import kernel, launch

WHERE = "chainer.reporter"
WHAT = "sums of losses reported by a GPU, in one launch"

KERNELS = {"reporter": [{}]}


def mend(module):
    """Let summaries add up numbers of a GPU there."""
    plain = module.Summary.add

    @functools.wraps(plain)
    def add(self, value, weight=1):
        if not switch.config.fast or not _is_number_of_gpu(value) or type(weight) is not int:
            plain(self, value, weight)
            return
        with value.device:
            launch(kernel("reporter", "accumulate"), 1, 1, value, float(weight), _sums(self))
        self._n += weight

    module.Summary.add = add


def _is_number_of_gpu(value):
    from chainer.backends import cuda

    return isinstance(value, cuda.ndarray) and value.shape == () and value.dtype == np.float32


def _sums(summary):
    """Return the two sums, float32 (2,), of which Chainer sees each as an array of its own."""
    import cupy

    sums = getattr(summary, "_sums", None)
    # Chainer puts others in their place when it loads a snapshot.
    if sums is None or summary._x is not summary._seen[0] or summary._x2 is not summary._seen[1]:
        before = [float(x) for x in (summary._x, summary._x2)]
        sums = summary._sums = cupy.array(before, np.float32)
        summary._seen = summary._x, summary._x2 = sums[0], sums[1]
    return sums
