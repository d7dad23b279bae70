"""Sigmoid cross entropy and its gradient under Chainer's own classes."""

import functools

import numpy as np

from illust_gan.functions.dense import in_order_of, same_order
from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.functions.loss.sigmoid_cross_entropy"
WHAT = "sigmoid_cross_entropy"


def mend(module):
    """Let both functions ask for a fast path first."""
    for function_class, fast in (
        (module.SigmoidCrossEntropy, _loss),
        (module.SigmoidCrossEntropyGrad, _gradient),
    ):
        function_class.forward = _fast_first(fast, function_class.forward)


def _fast_first(fast, plain):
    @functools.wraps(plain)
    def forward(self, inputs):
        y = fast(self, *inputs)
        return plain(self, inputs) if y is None else (y,)

    return forward


def _loss(function, x, t):
    kernels = fast_kernels(x.dtype)
    if kernels is None or not type(x) is type(t) is np.ndarray or x.shape != t.shape:
        return None
    function.retain_inputs((0, 1))
    function.ignore_mask = t != function.ignore_label
    x, labels, used = _in_one_order(x, t, function.ignore_mask)
    loss = np.empty_like(x)
    kernels.sigmoid_cross_entropy(x, labels, used, loss, x.size)
    if function.reduce == "no":
        return loss
    n = function.ignore_mask.sum() if function.normalize else len(x)
    function.count = np.maximum(1, n)
    # Chainer, too, sums float64 here: that is what float32 and integer labels make.
    return np.asarray(loss.sum(dtype=np.float64) / function.count, x.dtype)


def _gradient(function, x, gy):
    kernels = fast_kernels(x.dtype)
    arrays = (x, gy, function.t, function.ignore_mask)
    if kernels is None or any(type(array) is not np.ndarray for array in arrays):
        return None
    mean = function.reduce == "mean"
    if x.shape != function.t.shape or gy.shape != (() if mean else x.shape) or gy.dtype != x.dtype:
        return None
    function.retain_inputs((0, 1))
    x, labels, used = _in_one_order(x, function.t, function.ignore_mask)
    gx = np.empty_like(x)
    scaling = (gy, 0, float(function.count)) if mean else (in_order_of(x, gy), 1, 1.0)
    kernels.sigmoid_cross_entropy_gradient(x, labels, used, *scaling, gx, x.size)
    return gx


def _in_one_order(x, t, mask):
    """Return the three dense and in one order, the labels as numbers of x's type."""
    if not same_order(x):
        x = x.copy(order="K")
    return x, in_order_of(x, t).astype(x.dtype), in_order_of(x, mask)
