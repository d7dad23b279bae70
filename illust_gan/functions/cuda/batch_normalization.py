"""BatchNormalization and FixedBatchNormalization on a GPU, under Chainer's own classes.

The nets' own layers do more in one pass (``layer.py``); this is for all other nets.
"""

import functools

import chainer
from chainer.backends import cuda

from illust_gan.functions import switch
from illust_gan.functions.activation import IDENTITY
from illust_gan.functions.cuda import normalization
from illust_gan.functions.cuda.layout import channels_last, like

WHERE = "chainer.functions.normalization.batch_normalization"
WHAT = "batch_normalization and fixed_batch_normalization on a GPU"

_NONE = (IDENTITY, 0.0)


def mend(module):
    """Let Chainer select this implementation, and fixed statistics take the kernels."""
    function_class = module.BatchNormalization
    plain_apply = function_class.apply

    @functools.wraps(plain_apply)
    def apply(self, inputs):
        # By gamma: x may be one that is computed when it is looked at.
        gamma = inputs[1]
        if isinstance(getattr(gamma, "array", gamma), cuda.ndarray):
            self._impl_selector = functools.partial(_select, self._impl_selector)
        return plain_apply(self, inputs)

    function_class.apply = apply
    _speed_up_fixed(module)


def _select(plain_selector, function, arrays):
    plain = plain_selector(function, arrays)
    is_usual = _is_usual(function, function.axis, *arrays)
    return CudaBatchNormalizationImpl(plain) if is_usual else plain


def _is_usual(function, axis, x, gamma, *others):
    return (
        switch.config.fast
        and isinstance(x, cuda.ndarray)
        and x.ndim in (2, 4)
        and tuple(axis) == ((0,) if x.ndim == 2 else (0, 2, 3))
        and str(x.dtype) in ("float32", "float16")
        and x.size > 0
        and all(array.dtype == "float32" and array.flags.c_contiguous for array in (gamma, *others))
        and all(layout is None for layout in function.input_layouts)
    )


class CudaBatchNormalizationImpl:
    """Does what Chainer's ``_BatchNormalizationImpl`` does, by kernels of this package.

    Args:
        plain: The implementation that Chainer would take.
    """

    def __init__(self, plain):
        self.plain = plain

    def forward(self, axis, gamma, x, x_layout, xp, expander, beta, eps, decay, running_mean,
                running_var):  # fmt: skip
        """Take statistics, and normalise."""
        x = _with_channels_last(x)
        mean, var, inv_std = normalization.statistics(x, eps, running_mean, running_var, decay)
        y = normalization.normalize(x, mean, inv_std, gamma, beta, *_NONE)
        return y, x_layout, running_mean, running_var, mean, var, inv_std, None

    def backward(self, axis, gamma, gy, x, x_layout, xp, expander, mean, inv_std, eps, var,
                 forward_data):  # fmt: skip
        """Compute the gradients of x, gamma and beta."""
        x = _with_channels_last(x)
        gy = like(x, gy, x.dtype)
        # The shift is not needed for what has no activation.
        known = (x, gy, mean, inv_std, gamma, mean)
        ggamma, gbeta = normalization.gradient_sums(*known, *_NONE)
        return normalization.gradient(*known, ggamma, gbeta, *_NONE), None, ggamma, gbeta


def _with_channels_last(x):
    return channels_last(x) if x.ndim == 4 else cuda.cupy.ascontiguousarray(x)


def _speed_up_fixed(module):
    function_class = module.FixedBatchNormalization
    plain_forward = function_class.forward

    @functools.wraps(plain_forward)
    def forward(self, inputs):
        x, gamma, beta, mean, var = inputs
        axis = module._compute_axis(x.ndim, gamma.ndim, self.axis)
        # The gradient is Chainer's, and asks for more than the output.
        if chainer.config.enable_backprop or not _is_usual(self, axis, *inputs):
            return plain_forward(self, inputs)
        mean, inv_std = normalization.fixed_statistics(mean, var, self.eps)
        x = _with_channels_last(x)
        return (normalization.normalize(x, mean, inv_std, gamma, beta, *_NONE),)

    function_class.forward = forward
