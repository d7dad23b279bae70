"""Softmax cross entropy and its gradient under Chainer's own classes."""

import functools

import chainer
import numpy as np

from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.functions.loss.softmax_cross_entropy"
WHAT = "softmax_cross_entropy"


def mend(module):
    """Let both functions ask for a fast path first."""
    for function_class, fast in (
        (module.SoftmaxCrossEntropy, _loss),
        (module._SoftmaxCrossEntropyGrad_NoDoubleBackprop, _gradient),
    ):
        function_class.forward_cpu = _fast_first(fast, function_class.forward_cpu)


def _fast_first(fast, plain):
    @functools.wraps(plain)
    def forward_cpu(self, inputs):
        y = fast(self, *inputs)
        return plain(self, inputs) if y is None else (y,)

    return forward_cpu


def _loss(function, x, t):
    kernels = _kernels_for(function, x, t)
    # In its debug mode, Chainer says which labels are wrong.
    if kernels is None or chainer.is_debug():
        return None
    x_last = _classes_last(kernels, x)
    y = np.empty_like(x_last)
    log_p = np.empty(t.shape, x.dtype)
    sizes = (t.size, x.shape[1], function.ignore_label)
    if kernels.softmax_cross_entropy(x_last, _labels(t), y, log_p, *sizes):
        return None
    function.retain_inputs((0, 1))
    if function.cache_score:
        function.y = _classes_second(y)
    if function.reduce == "no":
        return -log_p
    count = (t != function.ignore_label).sum() if function.normalize else len(x)
    function._coeff = 1.0 / max(count, 1)
    return np.asarray(log_p.sum() * -function._coeff, x.dtype)


def _gradient(function, x, t, gloss):
    kernels = _kernels_for(function, x, t)
    mean = function.coeff is not None
    if kernels is None or function.y is None or function.y.shape != x.shape:
        return None
    if not x.dtype == function.y.dtype == gloss.dtype or gloss.shape != (() if mean else t.shape):
        return None
    y = _classes_last(kernels, function.y)
    gx = np.empty_like(y)
    scaling = (gloss, 0, float(function.coeff)) if mean else (np.ascontiguousarray(gloss), 1, 1.0)
    sizes = (t.size, x.shape[1], function.ignore_label)
    if kernels.softmax_cross_entropy_gradient(y, _labels(t), *scaling, gx, *sizes):
        return None
    return _classes_second(gx)


def _kernels_for(function, x, t):
    fitting = (
        type(x) is type(t) is np.ndarray
        and t.dtype.kind == "i"
        and t.shape == x.shape[:1] + x.shape[2:]
        and x.size > 0
        and function.class_weight is None
    )
    return fast_kernels(x.dtype) if fitting else None


def _classes_last(kernels, x):
    if x.ndim > 2 and x.flags.c_contiguous:
        rows = np.empty((len(x), *x.shape[2:], x.shape[1]), x.dtype)
        kernels.to_channels_last(x, rows, len(x), x.shape[1], x.size // (len(x) * x.shape[1]))
        return rows
    return np.ascontiguousarray(x.transpose(0, *range(2, x.ndim), 1))


def _classes_second(y):
    return y.transpose(0, -1, *range(1, y.ndim - 1))


def _labels(t):
    return np.ascontiguousarray(t, np.int64)
