"""A generator as Chainer computes it, read out of the graph of one forward pass.

The graph knows what was computed, in which order and with which arrays, whatever the net's code
looks like. A generator is a sequence: every function has one input that comes from another.
"""

import dataclasses
import math

import chainer
import chainer.functions as F
import numpy as np
from chainer.functions.connection.deconvolution_2d import Deconvolution2DFunction
from chainer.functions.connection.linear import LinearFunction
from chainer.functions.normalization.batch_normalization import FixedBatchNormalization

from illust_gan.export.errors import ExportError
from illust_gan.functions.switch import config


@dataclasses.dataclass
class Weighted:
    """A fully connected layer or a transposed convolution.

    Attributes:
        name (str): Of the link, such as ``"fc5"``.
        W (numpy.ndarray): float64 (n_out, n_in), or (n_in, n_out, height, width).
        b (numpy.ndarray): float64 (n_out,).
        stride, pad (int): Of a transposed convolution, the same in both directions; None else.
        pad_after (int): What is cut off below and at the right, where ``pad`` is above and at the
            left.
    """

    name: str
    W: np.ndarray
    b: np.ndarray
    stride: int | None = None
    pad: int | None = None
    pad_after: int | None = None

    @property
    def axis(self):
        """int: Of W, the axis of outputs."""
        return 0 if self.stride is None else 1

    def along_outputs(self, values):
        """Return one value for each output, in a shape that W can be multiplied by.

        Args:
            values (numpy.ndarray): (n_out,).
        """
        shape = [1] * self.W.ndim
        shape[self.axis] = -1
        return np.reshape(values, shape)


@dataclasses.dataclass
class Reshape:
    """Other shape, (batch, \\*shape), of the same numbers."""

    shape: tuple


@dataclasses.dataclass
class Activation:
    """A function of each number: ``"Relu"`` or ``"Tanh"``, as ONNX calls them."""

    kind: str


_ACTIVATIONS = {
    F.activation.relu.ReLU: "Relu",
    F.activation.tanh.Tanh: "Tanh",
}


def read_steps(net, n_hidden):
    """Read what a net does in test mode, with batch normalisation folded into the layers before.

    In test mode, batch normalisation multiplies each channel by γ / √(σ² + eps) and adds a number
    (Ioffe and Szegedy 2015, «Batch Normalization», algorithm 2, lines 10 and 11). The layer before
    it does the same with other weights and another bias. They are computed in float64, so that
    folding costs no more than one rounding to float32.

    Args:
        net (chainer.Chain): On the CPU, of inputs (N, n_hidden).
        n_hidden (int): Length of z.

    Returns:
        list: :class:`Weighted`, :class:`Reshape` and :class:`Activation`, in order.

    Raises:
        ExportError: If the net is no sequence of what a generator is made of.

    Example:
        >>> from illust_gan.nets import rezoolab
        >>> steps = read_steps(rezoolab.Generator(rng=np.random.RandomState(0)), 100)
        >>> [step.name for step in steps if isinstance(step, Weighted)]
        ['fc5', 'conv4', 'conv3', 'conv2', 'conv1']
    """
    z = chainer.Variable(np.zeros((2, n_hidden), np.float32))
    with (
        chainer.using_config("train", False),
        chainer.force_backprop_mode(),
        # The fast paths leave no graph of single functions.
        config.using(fast=False),
        _Inputs() as inputs,
    ):
        y = net(z)
    names = {id(param.array): name for name, param in net.namedparams()}
    steps = []
    for function in _in_order(z, y):
        arrays = inputs.of[function][1:]
        if isinstance(function, FixedBatchNormalization):
            _fold(steps, function.eps, *arrays)
        else:
            steps.append(_step(function, inputs.of[function], names))
    return steps


class _Inputs(chainer.FunctionHook):
    """Keeps what functions were given, which the graph keeps of some arrays only."""

    name = "illust_gan.export"

    def __init__(self):
        self.of = {}

    def forward_preprocess(self, function, in_data):
        self.of[function] = in_data


def _in_order(z, y):
    functions = []
    node = y.node
    while node.creator_node is not None:
        functions.append(node.creator_node)
        node, *others = node.creator_node.inputs
        if any(other.creator_node is not None for other in others):
            raise ExportError(f"{functions[-1].label} joins two branches; export knows sequences")
    if node is not z.node:
        raise ExportError("the pictures do not depend on z")
    return functions[::-1]


def _step(function, inputs, names):
    x, *arrays = inputs
    for kind, name in _ACTIVATIONS.items():
        if isinstance(function, kind):
            return Activation(name)
    if isinstance(function, F.array.reshape.Reshape) and function.shape[0] in (2, -1):
        return Reshape(tuple(function.shape[1:]))
    if isinstance(function, LinearFunction):
        return Weighted(*_weights(arrays, names))
    if isinstance(function, Deconvolution2DFunction) and _is_plain(function):
        stride, pad, ksize = function.sy, function.ph, arrays[0].shape[2]
        after = stride * (x.shape[2] - 1) + ksize - pad - function.outh
        return Weighted(*_weights(arrays, names), stride=stride, pad=pad, pad_after=after)
    raise ExportError(
        f"the net has a {function.label} that export does not know; it knows Linear and "
        "Deconvolution2D of one stride and pad, batch normalisation after them, reshape, relu and "
        "tanh"
    )


def _is_plain(function):
    return (
        function.sy == function.sx
        and function.ph == function.pw
        and function.dy == function.dx == function.groups == 1
        and function.outh == function.outw
    )


def _weights(arrays, names):
    W, b = arrays if len(arrays) == 2 else (arrays[0], None)
    name = names[id(W)].strip("/").rpartition("/")[0].replace("/", ".")
    W = W.astype(np.float64)
    n_out = W.shape[0 if W.ndim == 2 else 1]
    return name, W, np.zeros(n_out) if b is None else b.astype(np.float64)


def _fold(steps, eps, gamma, beta, mean, var):
    step = steps[-1] if steps else None
    arrays = [a.astype(np.float64) for a in (gamma, beta, mean, var)]
    if isinstance(step, Reshape) and step.shape[:1] == gamma.shape and len(steps) > 1:
        # Feature maps are normalised each as a whole, and come of as many outputs as have pixels.
        arrays = [np.repeat(a, math.prod(step.shape[1:])) for a in arrays]
        step = steps[-2]
    gamma, beta, mean, var = arrays
    if not isinstance(step, Weighted) or gamma.shape != step.b.shape:
        raise ExportError(
            "the net normalises what no Linear or Deconvolution2D gave it, of other channels; "
            "export folds batch normalisation into the layer right before it"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = gamma / np.sqrt(var + eps)
        step.W = step.W * step.along_outputs(scale)
        step.b = (step.b - mean) * scale + beta
