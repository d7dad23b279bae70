"""Linear and its gradients under Chainer's own classes: products of matrices on our own threads.

The threads of NumPy's BLAS keep looking for work for some milliseconds after each product. Where
there are no more cores than threads, that is taken from the kernels that follow.
"""

import functools

import chainer
import numpy as np

from illust_gan.functions.recycling import empty
from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.functions.connection.linear"
WHAT = "linear"

# NumPy takes products of less than this on one thread, and of more it is worth its threads.
_LEAST_WORK = 1 << 13
_MOST_WORK = 1 << 30


def mend(module):
    """Let the function and its gradients ask for a fast path first."""
    _mend_forward(module)
    module.LinearGradData.forward = _fast_first(_gradient_of_x, module.LinearGradData.forward)
    module.LinearGradWeight.forward = _fast_first(
        _gradient_of_weights, module.LinearGradWeight.forward
    )


def _mend_forward(module):
    plain = module.LinearFunction.static_linear_no_bias

    # A static graph repeats the functions that are marked so, and nothing around them.
    @module.static_code
    def static_product(self, inputs, outputs):
        x, W = inputs
        kernels = _kernels_for(x, W.T)
        if kernels is None:
            np.dot(x, W.T, out=outputs[0])
        else:
            _multiply(kernels, x, W.T, outputs[0])

    def static_linear_no_bias(self, xp, optimized, inputs, outputs):
        x, W = inputs
        kernels = _kernels_for(x, W.T)
        if kernels is None:
            plain(self, xp, optimized, inputs=inputs, outputs=outputs)
        elif chainer.config.__getattr__("schedule_func") is None:
            _multiply(kernels, x, W.T, *outputs)
        else:
            static_product(self, inputs=inputs, outputs=outputs)

    module.LinearFunction.static_linear_no_bias = static_linear_no_bias


def _fast_first(fast, plain):
    @functools.wraps(plain)
    def forward(self, inputs):
        y = fast(self, *inputs)
        if y is None:
            return plain(self, inputs)
        self._config_use_ideep = chainer.config.use_ideep
        self.retain_inputs((0, 1))
        return (y,)

    return forward


def _gradient_of_x(function, W, gy):
    return product(gy, W)


def _gradient_of_weights(function, x, gy):
    gW = product(gy.T, x)
    return None if gW is None else gW.astype(function._w_dtype, copy=False)


def product(a, b):
    """Multiply two matrices.

    Args:
        a, b (numpy.ndarray): (m, k) and (k, n).

    Returns:
        numpy.ndarray: (m, n); None where there is no fast path.
    """
    kernels = _kernels_for(a, b)
    if kernels is None:
        return None
    y = empty((len(a), b.shape[1]), a.dtype)
    _multiply(kernels, a, b, y)
    return y


def _multiply(kernels, a, b, out):
    steps = [step // a.itemsize for step in (*a.strides, *b.strides)]
    kernels.linear(a, b, out, *out.shape, a.shape[1], *steps)


def _kernels_for(a, b):
    fitting = (
        type(a) is type(b) is np.ndarray
        and a.dtype == b.dtype
        and a.ndim == b.ndim == 2
        and a.shape[1] == b.shape[0]
        and _LEAST_WORK < a.size * b.shape[1] <= _MOST_WORK
        and a.flags.aligned
        and b.flags.aligned
        and not any(step % a.itemsize for step in (*a.strides, *b.strides))
    )
    return fast_kernels(a.dtype) if fitting else None
