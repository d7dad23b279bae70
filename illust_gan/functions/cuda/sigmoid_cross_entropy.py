"""Sigmoid cross entropy of a minibatch on a GPU, under Chainer's own classes."""

import functools

import numpy as np
from chainer.backends import cuda

from illust_gan.functions import switch
from illust_gan.functions.cuda import losses

WHERE = "chainer.functions.loss.sigmoid_cross_entropy"
WHAT = "the mean of sigmoid_cross_entropy on a GPU, and its gradient, in one launch each"


def mend(module):
    """Let both functions ask for a fast path first."""
    for function_class, fast in (
        (module.SigmoidCrossEntropy, _loss),
        (module.SigmoidCrossEntropyGrad, _gradient),
    ):
        function_class.forward = _fast_first(fast, function_class.forward)


def fits(x, t):
    """Return whether logits and labels are what the kernels take, and not too many for a block.

    Args:
        x, t (:ref:`ndarray`): Logits and labels.
    """
    return (
        switch.config.fast
        and isinstance(x, cuda.ndarray)
        and x.dtype == np.float32
        and t.dtype == np.int32
        and 0 < x.size <= _MOST_LOGITS
        and x.flags.c_contiguous
        and t.flags.c_contiguous
    )


_MOST_LOGITS = 1 << 16


def _fast_first(fast, plain):
    @functools.wraps(plain)
    def forward(self, inputs):
        y = fast(self, *inputs)
        return plain(self, inputs) if y is None else (y,)

    return forward


def _loss(function, x, t):
    if function.reduce != "mean" or not fits(x, t) or x.shape != t.shape:
        return None
    function.retain_inputs((0, 1))
    function.ignore_mask = t != function.ignore_label  # for gradients of the gradient
    loss, function.count = losses.sigmoid_cross_entropy(
        x, t, function.ignore_label, function.normalize
    )
    return loss


def _gradient(function, x, gy):
    count, t = function.count, function.t
    is_ours = isinstance(count, cuda.ndarray) and count.dtype == np.float32
    if not is_ours or not fits(x, t) or gy.shape != () or gy.dtype != np.float32:
        return None
    function.retain_inputs((0, 1))
    # Chainer's own labels to be ignored are -1, and it has no others.
    return losses.sigmoid_cross_entropy_gradient(x, t, gy, count)
