"""Activation functions of arrays by compiled kernels, and how Chainer's classes come to them."""

import functools

from illust_gan.functions import unfinished, unrecorded
from illust_gan.functions.dense import in_order_of, is_dense, kernels_for
from illust_gan.functions.recycling import empty_like

# The same numbers as in native/activation.h. With a kind goes a number: the slope of leaky ReLU,
# the alpha of ELU.
IDENTITY, RELU, LEAKY_RELU, ELU, LEAKY_RELU_OF_2015 = range(5)

# Chainer's functions, called without options, and their kinds; their modules fill it.
KIND_OF = {}


def activate(x, kind, slope):
    """Compute an activation function.

    Args:
        x (numpy.ndarray): Of any shape and type.
        kind (int): ``RELU``, ``LEAKY_RELU`` or ``ELU``.
        slope (float): Slope of leaky ReLU or alpha of ELU.

    Returns:
        numpy.ndarray: Like ``x``, also in memory; None where there is no fast path.
    """
    kernels = kernels_for(x)
    if kernels is None or not is_dense(x):
        return None
    y = empty_like(x)
    kernels.activation_values(x, y, x.size, kind, float(slope))
    return y


def activation_gradient(y, gy, kind, slope):
    """Compute the gradient of an activation function.

    Args:
        y (numpy.ndarray): Its output.
        gy (numpy.ndarray): Gradient of the output.
        kind, slope: As for :func:`activate`.

    Returns:
        numpy.ndarray: Gradient of the input, in memory like ``y``; None if there is no fast path.
    """
    kernels = kernels_for(y, gy)
    if kernels is None or not is_dense(y):
        return None
    gx = empty_like(y)
    kernels.activation_gradients(y, in_order_of(y, gy), gx, y.size, kind, float(slope))
    return gx


def speed_up(activation_class, kind_of):
    """Let a class of Chainer's take the kernels, and together with batch normalisation before it.

    Where gradients of gradients are wanted, it goes back by Chainer's own graph.

    Args:
        activation_class (type): Subclass of :class:`chainer.FunctionNode`.
        kind_of (callable): Function node → (kind, slope), or None where Chainer's own code has to
            be taken: where the gradient follows from the input and not from the output.
    """
    plain_forward, plain_backward = activation_class.forward_cpu, activation_class.backward

    def apply(self, inputs):
        kind = kind_of(self)
        if kind is not None and len(inputs) == 1 and unfinished.is_unfinished(inputs[0]):
            is_short = type(self) is activation_class and unrecorded.is_short(self)
            normalize = unfinished.take(inputs[0]) if is_short else None
            if normalize is not None:
                # What has been put off is of a type and a layout that pass all checks.
                self._input_layouts = (None,)
                self.retain_outputs((0,))
                self._is_fused = True
                return unrecorded.as_variables(self, (normalize(*kind),), inputs[0].requires_grad)
            inputs, self._normalize = unfinished.accept(self, inputs)
        return super(activation_class, self).apply(inputs)

    @functools.wraps(plain_forward)
    def forward_cpu(self, inputs):
        normalize, self._normalize = self._normalize, None
        self._is_fused = normalize is not None
        kind = kind_of(self)
        if normalize is not None:
            y = normalize(*kind)
        else:
            y = None if kind is None else activate(inputs[0], *kind)
        if y is None:
            return plain_forward(self, inputs)
        self.retain_outputs((0,))
        return (y,)

    @functools.wraps(plain_backward)
    def backward(self, indexes, grad_outputs):
        kind = kind_of(self)
        if kind is None or not unfinished.is_plain_backward(self):
            return plain_backward(self, indexes, grad_outputs)
        (gy,) = grad_outputs
        y = self.get_retained_outputs()[0].array
        # Somebody else's backward around this one may look at what is returned.
        if self._is_fused and type(self).backward is backward:
            gx = unfinished.hide_gradient(self, y, gy, *kind)
            if gx is not None:
                return (gx,)
        gx = activation_gradient(y, gy.array, *kind)
        if gx is None:
            return plain_backward(self, indexes, grad_outputs)
        return (_variable(gx, gy),)

    activation_class._normalize = None
    activation_class._is_fused = False
    activation_class.apply = apply
    activation_class.forward_cpu = forward_cpu
    activation_class.backward = backward


def _variable(gx, gy):
    import chainer

    return chainer.Variable(gx, requires_grad=gy.requires_grad)


def speed_up_gradient(gradient_class, kind_of, name):
    """Let the class of an activation's gradient take the kernels, as in a graph of gradients.

    Args:
        gradient_class (type): Subclass of :class:`chainer.FunctionNode` with one input, ``gy``.
        kind_of (callable): As for :func:`speed_up`.
        name (str): Its attribute that has the sign of the activation's input.
    """
    plain_forward = gradient_class.forward_cpu

    @functools.wraps(plain_forward)
    def forward_cpu(self, inputs):
        kind = kind_of(self)
        gx = None
        if kind is not None:
            gx = activation_gradient(getattr(self, name), inputs[0], *kind)
        return plain_forward(self, inputs) if gx is None else (gx,)

    gradient_class.forward_cpu = forward_cpu
