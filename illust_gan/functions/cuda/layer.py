"""A layer of the nets on a GPU as one function: link, batch normalisation and activation.

Between the three nothing is written that need not be: statistics and normalisation read the
product as cuDNN leaves it, and on the way back the gradient between normalisation and activation
lies in registers only. Hidden layers hold 16 bits where the precision says so; what leaves a net is
float32, as are weights, statistics and all gradients of them.

In training mode, the link's bias goes into the running mean and nowhere else: normalisation takes
it away again, and its gradient is zero.
"""

import functools

import chainer
import chainer.functions as F
import numpy as np
from chainer import function_node
from chainer.backends import cuda

from illust_gan.functions import switch
from illust_gan.functions.activation import IDENTITY, KIND_OF
from illust_gan.functions.cuda import normalization
from illust_gan.functions.cuda.activation import (
    TANH,
    activation_gradient,
    bias_activate,
    bias_gradient,
)
from illust_gan.functions.cuda.cast import cast as cast_variable
from illust_gan.functions.cuda.known_layers import fitting_product
from illust_gan.functions.cuda.layout import cast, channels_last, like
from illust_gan.functions.known_norms import counts

WHERE = "illust_gan.nets.layers"
WHAT = "layers of link, batch normalisation and activation as one function on a GPU"


def mend(module):
    """Let the layer ask for a fast path first."""
    plain = module.layer

    @functools.wraps(plain)
    def layer(x, link, norm=None, activation=None):
        y = apply(x, link, norm, activation) if isinstance(_array(x), cuda.ndarray) else None
        return plain(x, link, norm, activation) if y is None else y

    module.layer = layer


def apply(x, link, norm, activation):
    """Apply a layer.

    Args:
        x, link, norm, activation: As for :func:`illust_gan.nets.layers.layer`, with CuPy arrays.

    Returns:
        chainer.Variable: Its output; None where there is no fast path.
    """
    kind = _kind_of(activation)
    if kind is None:
        # Of another kind, as sigmoid: it may not know 16 bits, nor does Chainer's link.
        y = apply(x, link, norm, None)
        return None if y is None else activation(cast_variable(y, np.float32))
    product = fitting_product(_array(x), link, norm)
    if product is None:
        return None
    inputs = {"x": x, "W": link.W, "b": link.b}
    if norm is not None:
        inputs.update(gamma=norm.gamma, beta=norm.beta)
    inputs = {name: value for name, value in inputs.items() if value is not None}
    return Layer(product, tuple(inputs), norm, kind, activation).apply(tuple(inputs.values()))[0]


class Layer(function_node.FunctionNode):
    """One layer.

    Args:
        product: From :func:`illust_gan.functions.cuda.products.product_of`.
        names (tuple of str): Of its inputs: "x", "W", and those that there are of "b", "gamma" and
            "beta".
        norm (chainer.links.BatchNormalization): Its running statistics are used in test mode, and
            brought up to date in training mode; None if there is none.
        kind (tuple): Kind and slope, as for :func:`illust_gan.functions.cuda.activation.activate`.
        activation (callable): The same as a function of Chainer, or None.
    """

    def __init__(self, product, names, norm, kind, activation):
        self.product = product
        self.names = names
        self.norm = norm
        self.kind = kind
        self.activation = activation
        self.math = switch.config.precision
        self.is_trained = norm is not None and chainer.config.train

    def forward_gpu(self, inputs):
        """Compute the output: of 16 bits for a hidden layer in these precisions, else float32."""
        self.retain_inputs(range(len(inputs)))
        x, W, b, gamma, beta = self._all(inputs)
        # Elsewhere b is added in the pass that follows anyway.
        added, left = (b, None) if self.product.adds_bias(W) else (None, b)
        h = self.product.forward(x, W, added, self.math)
        if h is None:
            h = self._plain_product(x, W, added)
        if self.norm is not None:
            self.h = h
            return (self._normalize(h, left, gamma, beta),)
        if self.kind[0] in (IDENTITY, TANH):
            h = cast(h, np.float32)
        if left is not None or self.kind[0] != IDENTITY:
            h = bias_activate(h, left, *self.kind, out=h)
        self.retain_outputs((0,))
        return (h,)

    def _all(self, inputs):
        """Return x, W, b, gamma and beta, with None for what is no input."""
        given = dict(zip(self.names, inputs, strict=True))
        return [given.get(name) for name in _NAMES]

    def _plain_product(self, x, W, b):
        with chainer.no_backprop_mode():
            h = self.product.plain(cast(x, np.float32), W, b).array
        return channels_last(h) if h.ndim == 4 else h

    def _normalize(self, h, b, gamma, beta):
        norm = self.norm
        if self.is_trained:
            count = _count_of(norm) if counts(norm) else None
            self.mean, _, self.inv_std = normalization.statistics(
                h, norm.eps, norm.avg_mean, norm.avg_var, norm.decay, shift=b, count=count
            )
            if count is not None:
                count += 1
        else:
            self.mean, self.inv_std = normalization.fixed_statistics(
                norm.avg_mean, norm.avg_var, norm.eps, shift=b
            )
        return normalization.normalize(h, self.mean, self.inv_std, gamma, beta, *self.kind)

    def backward(self, indexes, grad_outputs):
        """Compute the gradients of the inputs that are asked for."""
        if chainer.config.enable_backprop:
            return self._backward_with_graph(indexes, grad_outputs)
        x, W, b, gamma, beta = self._all([v.array for v in self.get_retained_inputs()])
        wanted = [self.names[i] for i in indexes]
        gh, found = self._gradient_of_product(grad_outputs[0].array, b, gamma, beta, wanted)
        if "x" in wanted:
            gx = self.product.gradient_x(x, W, gh, self.math)
            found["x"] = None if gx is None else like(x, gx, x.dtype)
        if "W" in wanted:
            found["W"] = self.product.gradient_weights(x, W, gh, self.math)
        plain = [name for name in wanted if found[name] is None]
        if plain:
            found.update(self._plain_gradients(plain, x, W, gh))
        return [chainer.Variable(found[name]) for name in wanted]

    def _gradient_of_product(self, gy, b, gamma, beta, wanted):
        """Return the gradient of the product, and a dict of those of b, gamma and beta."""
        found = {}
        if self.norm is None:
            y = self.get_retained_outputs()[0].array
            gy = like(y, gy)
            if self.kind[0] != IDENTITY:
                gy = activation_gradient(y, gy, *self.kind)
            if "b" in wanted:
                found["b"] = bias_gradient(gy)
            return gy, found
        gy = like(self.h, gy, self.h.dtype)
        known = (self.h, gy, self.mean, self.inv_std, gamma, beta)
        ggamma, gbeta = normalization.gradient_sums(*known, *self.kind)
        found.update(gamma=ggamma, beta=gbeta)
        if self.is_trained:
            if "b" in wanted:
                found["b"] = cuda.cupy.zeros_like(b)
            return normalization.gradient(*known, ggamma, gbeta, *self.kind), found
        zero = cuda.cupy.zeros_like(ggamma)
        gh = normalization.gradient(*known, zero, zero, *self.kind)
        if "b" in wanted:
            found["b"] = bias_gradient(gh)
        return gh, found

    def _plain_gradients(self, names, x, W, gh):
        """Return a dict of the gradients of x or W by Chainer's own functions."""
        with chainer.force_backprop_mode():
            inputs = {"x": chainer.Variable(cast(x, np.float32)), "W": chainer.Variable(W)}
            h = self.product.plain(inputs["x"], inputs["W"], None)
        gradients = chainer.grad(
            [h], [inputs[name] for name in names], [chainer.Variable(cast(gh, np.float32))]
        )
        types = {"x": x.dtype, "W": W.dtype}
        return {name: cast(g.array, types[name]) for name, g in zip(names, gradients, strict=True)}

    def _backward_with_graph(self, indexes, grad_outputs):
        """Go back through Chainer's own functions, where gradients are to have gradients."""
        inputs = self.get_retained_inputs()
        x, W, b, gamma, beta = self._all(inputs)
        h = self.product.plain(cast_variable(x, np.float32), W, b)
        if self.norm is not None:
            norm = self.norm
            eps, axis = norm.eps, norm.axis
            gamma = cuda.cupy.ones_like(norm.avg_mean) if gamma is None else gamma
            beta = cuda.cupy.zeros_like(norm.avg_mean) if beta is None else beta
            if self.is_trained:
                h = F.batch_normalization(h, gamma, beta, eps=eps, axis=axis)
            else:
                statistics = norm.avg_mean, norm.avg_var
                h = F.fixed_batch_normalization(h, gamma, beta, *statistics, eps=eps, axis=axis)
        y = h if self.activation is None else self.activation(h)
        return chainer.grad(
            [y],
            [inputs[i] for i in indexes],
            [cast_variable(g, np.float32) for g in grad_outputs],
            enable_double_backprop=True,
        )


_NAMES = ("x", "W", "b", "gamma", "beta")


def _array(x):
    return x.array if isinstance(x, chainer.Variable) else x


def _kind_of(activation):
    if activation is None:
        return IDENTITY, 0.0
    return (TANH, 0.0) if activation is F.tanh else KIND_OF.get(activation)


def _count_of(norm):
    """Return how many minibatches a normalisation has seen, where a kernel can count."""
    if not isinstance(norm.N, cuda.ndarray) or norm.N.dtype != np.int64:
        norm.N = cuda.cupy.asarray(norm.N, np.int64)  # somebody has set it to a number
    return norm.N
