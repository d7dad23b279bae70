"""BatchNormalization, FixedBatchNormalization and its gradient, under Chainer's own classes."""

import functools
import weakref

import numpy as np

from illust_gan.functions import unfinished
from illust_gan.functions.activation import IDENTITY
from illust_gan.functions.dense import in_order_of, kernels_for
from illust_gan.functions.normalization import Normalization, block_shape, statistics

WHERE = "chainer.functions.normalization.batch_normalization"
WHAT = "batch_normalization and fixed_batch_normalization, together with the activation after them"


def mend(module):
    """Let Chainer select this implementation, and fixed statistics take the kernels."""
    _speed_up_batch(module)
    _speed_up_fixed(module)
    _speed_up_fixed_gradient(module)


class FastBatchNormalizationImpl:
    """Does what Chainer's ``_BatchNormalizationImpl`` does, on dense arrays of one type.

    Args:
        plain: The implementation that Chainer would take.
        kernels, shape: See :class:`~illust_gan.functions.normalization.Normalization`.
        axis (tuple of int): The axes that are summed over.
        can_wait (bool): Whether the output may be left to :mod:`~illust_gan.functions.unfinished`.

    Attributes:
        normalize (callable): What computes the output that was put off; else None.
        hidden_gradient (illust_gan.functions.unfinished.HiddenGradient): What ``backward`` is to
            take in the place of ``gy``; else None.
    """

    def __init__(self, plain, kernels, shape, axis, can_wait):
        self.plain = plain
        self.kernels = kernels
        self.shape = shape
        self.axis = axis
        self.can_wait = can_wait
        self.normalize = None
        self.hidden_gradient = None

    def can_take_hidden(self, x, gamma, y, gy):
        """Return whether ``backward`` can do without the gradient between it and an activation.

        Args:
            x, gamma (numpy.ndarray): Its inputs, as they are now.
            y, gy (numpy.ndarray): Output of the activation, and the gradient of that.

        Returns:
            bool: Whether x is still what y was computed from, and all have kept their types.
        """
        return self._x() is x and self._fits(x, gamma, y, gy)

    def _fits(self, x, *others):
        known = self.kernels, self.shape
        return _kernels_and_shape(self.axis, x, *others) == known

    def forward(self, axis, gamma, x, x_layout, xp, expander, beta, eps, decay, running_mean,
                running_var):  # fmt: skip
        """Take statistics, and normalise or promise to."""
        mean, var = statistics(self.kernels, x, self.shape, gamma.shape)
        inv_std = np.reciprocal(np.sqrt(var + eps, dtype=x.dtype))
        if running_mean is not None:
            n = x.size // gamma.size
            adjust = n / max(n - 1.0, 1.0)  # for an unbiased estimate
            running_mean *= decay
            running_mean += (1 - decay) * mean
            running_var *= decay
            running_var += (1 - decay) * adjust * var
        self._normalization = Normalization(self.kernels, self.shape, mean, gamma * inv_std, beta)
        self._x = weakref.ref(x)
        if self.can_wait:
            self.normalize = functools.partial(self._normalization.apply, x)
            y = unfinished.stand_in(x.shape, x.dtype)
        else:
            y = self._normalization.apply(x)
        return y, x_layout, running_mean, running_var, mean, var, inv_std, None

    def backward(self, axis, gamma, gy, x, x_layout, xp, expander, mean, inv_std, eps, var,
                 forward_data):  # fmt: skip
        """Compute the gradients of x, gamma and beta."""
        hidden = self.hidden_gradient
        if hidden is not None:
            y, gy = in_order_of(x, hidden.y), in_order_of(x, hidden.gy)
            given = x, gy, y, *hidden.activation
        elif gy.shape == x.shape and self._fits(x, gamma, gy):
            gy = in_order_of(x, gy)
            given = x, gy, gy, IDENTITY, 0.0
        else:
            return self.plain.backward(
                axis, gamma, gy, x, x_layout, xp, expander, mean, inv_std, eps, var, forward_data
            )
        gbeta, ggamma = self._normalization.gradient_sums(*given)
        ggamma *= inv_std
        inv_m = x.dtype.type(1.0 / (x.size // gamma.size))
        factor = np.ascontiguousarray(gamma * inv_std)
        gx = self._normalization.gradient(*given, factor, ggamma * inv_std * inv_m, gbeta * inv_m)
        return gx, None, ggamma, gbeta


def _speed_up_batch(module):
    function_class = module.BatchNormalization
    plain_selector, plain_backward = module._impl_selector, function_class.backward

    def select(function, inputs):
        plain = plain_selector(function, inputs)
        kernels, shape = _kernels_and_shape(function.axis, *inputs)
        if kernels is None or function.input_layouts[0] is not None:
            return plain
        # A backward of somebody else's may look at gradients.
        can_wait = function._can_wait and type(function).backward is backward
        return FastBatchNormalizationImpl(plain, kernels, shape, function.axis, can_wait)

    def apply(self, inputs):
        if self._impl_selector is plain_selector:
            self._impl_selector = select
        self._can_wait = unfinished.can_wait(self, inputs[0])
        outputs = super(function_class, self).apply(inputs)
        # ChainerX has no implementation of this kind, others promise nothing.
        impl = getattr(self, "_impl", None)
        if getattr(impl, "normalize", None) is not None:
            unfinished.Unfinished(outputs[0], impl.normalize)
            impl.normalize = None
        return outputs

    @functools.wraps(plain_backward)
    def backward(self, indexes, grad_outputs):
        if not isinstance(self._impl, FastBatchNormalizationImpl):
            return plain_backward(self, indexes, grad_outputs)
        self._impl.hidden_gradient = getattr(grad_outputs[0], "_hidden_gradient", None)
        try:
            return plain_backward(self, indexes, grad_outputs)
        finally:
            self._impl.hidden_gradient = None

    function_class.apply = apply
    function_class.backward = backward


def _speed_up_fixed(module):
    function_class = module.FixedBatchNormalization
    plain_forward = function_class.forward

    @functools.wraps(plain_forward)
    def forward(self, inputs):
        x, gamma, beta, mean, var = inputs
        axis = module._compute_axis(x.ndim, gamma.ndim, self.axis)
        kernels, shape = _kernels_and_shape(axis, *inputs)
        if kernels is None:
            return plain_forward(self, inputs)
        self.retain_inputs((0, 1, 3, 4))
        self.axis = axis
        self.key_axis, self.expander = _key_axis_and_expander(x.ndim, tuple(axis))
        self.inv_var = np.reciprocal(var + self.eps)
        self.inv_std = np.sqrt(self.inv_var, dtype=self.inv_var.dtype)
        normalization = Normalization(kernels, shape, mean, gamma * self.inv_std, beta)
        if self._can_wait:
            self._normalize = functools.partial(normalization.apply, x)
            return (unfinished.stand_in(x.shape, x.dtype),)
        return (normalization.apply(x),)

    def apply(self, inputs):
        self._can_wait = unfinished.can_wait(self, inputs[0])
        outputs = super(function_class, self).apply(inputs)
        if self._normalize is not None:
            unfinished.Unfinished(outputs[0], self._normalize)
            self._normalize = None
        return outputs

    function_class._can_wait = False
    function_class._normalize = None
    function_class.forward = forward
    function_class.apply = apply


def _speed_up_fixed_gradient(module):
    function_class = module.FixedBatchNormalizationGrad
    plain_forward = function_class.forward

    @functools.wraps(plain_forward)
    def forward(self, inputs):
        x, gamma, mean, _, gy = inputs
        kernels, shape = _kernels_and_shape(self.axis, *inputs, self.inv_std, self.inv_var)
        if kernels is None:
            return plain_forward(self, inputs)
        self.retain_inputs((0, 1, 2, 4))
        self.gamma_over_std = gamma * self.inv_std
        gy = in_order_of(x, gy)
        zero = np.zeros_like(mean)
        normalization = Normalization(kernels, shape, mean, zero, zero)
        gbeta, ggamma = normalization.gradient_sums(x, gy, gy, IDENTITY, 0.0)
        ggamma *= self.inv_std
        gx = Normalization(kernels, shape, zero, self.gamma_over_std, zero).apply(gy)
        gmean = -self.gamma_over_std * gbeta
        gvar = -0.5 * self.inv_var * (gamma * ggamma)
        self.retain_outputs((0, 1, 2, 3, 4))
        return gx, ggamma, gbeta, gmean, gvar

    function_class.forward = forward


@functools.lru_cache(64)
def _key_axis_and_expander(ndim, axis):
    """Return which axes are channels, and the index that gives them their places beside ``x``."""
    key_axis = tuple(i for i in range(ndim) if i not in axis)
    return key_axis, tuple(slice(None) if i in key_axis else None for i in range(ndim))


def _kernels_and_shape(axis, x, *others):
    """Return what :class:`Normalization` wants, or None twice where there is no fast path."""
    kernels = kernels_for(x, *others)
    shape = None if kernels is None else block_shape(x, axis)
    return (None, None) if shape is None else (kernels, shape)
