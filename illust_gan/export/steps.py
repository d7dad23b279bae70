"""A generator as Chainer computes it, read out of the graph of one forward pass.

The graph knows what was computed, in which order and with which arrays, whatever the net's code
looks like. A generator is a sequence: every function has one input that comes from another.
Labels beside it are constants, as the generator draws one of them.
"""

import dataclasses
import math

import chainer
import chainer.functions as F
import numpy as np
from chainer.functions.connection.deconvolution_2d import Deconvolution2DFunction
from chainer.functions.connection.linear import LinearFunction
from chainer.functions.math.basic_math import AddConstant, MulConstant
from chainer.functions.normalization.batch_normalization import FixedBatchNormalization

from illust_gan.export.errors import ExportError
from illust_gan.export.weighted import Weighted
from illust_gan.functions.switch import config
from illust_gan.nets.article_net import to_signed
from illust_gan.nets.beside import Beside


@dataclasses.dataclass
class Reshape:
    """Other shape, (batch, \\*shape), of the same numbers."""

    shape: tuple


@dataclasses.dataclass
class Activation:
    """A function of each number: ``"Relu"``, ``"Tanh"`` or ``"Sigmoid"``, as ONNX calls them."""

    kind: str


@dataclasses.dataclass
class Constant:
    """One constant that each number is multiplied by or that is added to it.

    Attributes:
        kind (str): ``"Mul"`` or ``"Add"``, as ONNX calls them.
        value (float): The constant.
    """

    kind: str
    value: float


_ACTIVATIONS = {
    F.activation.relu.ReLU: "Relu",
    F.activation.tanh.Tanh: "Tanh",
    F.activation.sigmoid.Sigmoid: "Sigmoid",
}
_CONSTANTS = {MulConstant: "Mul", AddConstant: "Add"}


def read_steps(net, n_hidden):
    """Read what a net does in test mode, with all that can be folded into its layers.

    Batch normalisation is folded into the layer before, and labels into the layer after. They are
    computed in float64, so that folding costs no more than one rounding to float32. Pictures on
    [0, 1] are brought to [-1, 1] in the end.

    Args:
        net (chainer.Chain): On the CPU, of inputs (N, n_hidden).
        n_hidden (int): Length of z.

    Returns:
        list: :class:`~illust_gan.export.weighted.Weighted`, :class:`Reshape`, :class:`Activation`
        and :class:`Constant`, in order.

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
        pictures = to_signed(net, net(z))
    names = {id(param.array): name for name, param in net.namedparams()}
    steps = []
    functions = _in_order(z, pictures)
    for function, following in zip(functions, [*functions[1:], None]):
        x, *arrays = inputs.of[function]
        if isinstance(function, FixedBatchNormalization):
            _normalize(steps, function.eps, *arrays)
        elif isinstance(function, Beside):
            _check_labels(*arrays, following)
        else:
            step = _step(function, inputs.of[function], names)
            before = function.inputs[0].creator_node
            if isinstance(before, Beside):
                _, labels = inputs.of[before]
                step.take_labels(labels[0].astype(np.float64), x.shape[2:])
            steps.append(step)
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


def _check_labels(labels, following):
    if not isinstance(following, (LinearFunction, Deconvolution2DFunction)):
        raise ExportError(
            "the net has labels beside what is no input of Linear or Deconvolution2D; export folds "
            "labels into the layer right behind them"
        )
    if (labels != labels[0]).any():
        raise ExportError(
            "the net has another label beside each input; export knows one for all of them, which "
            "illust_gan.with_label chooses"
        )


def _step(function, inputs, names):
    x, *arrays = inputs
    for kind, name in _ACTIVATIONS.items():
        if isinstance(function, kind):
            return Activation(name)
    for kind, name in _CONSTANTS.items():
        if isinstance(function, kind):
            return Constant(name, float(function.value))
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
        "Deconvolution2D of one stride and pad, labels beside their input, batch normalisation "
        "after them, reshape, relu, tanh, sigmoid, and a constant times or plus what there is"
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


def _normalize(steps, eps, gamma, beta, mean, var):
    step = steps[-1] if steps else None
    arrays = [a.astype(np.float64) for a in (gamma, beta, mean, var)]
    if isinstance(step, Reshape) and step.shape[:1] == gamma.shape and len(steps) > 1:
        # Feature maps are normalised each as a whole, and come of as many outputs as have pixels.
        arrays = [np.repeat(a, math.prod(step.shape[1:])) for a in arrays]
        step = steps[-2]
    if not isinstance(step, Weighted) or arrays[0].shape != step.b.shape[:1]:
        raise ExportError(
            "the net normalises what no Linear or Deconvolution2D gave it, of other channels; "
            "export folds batch normalisation into the layer right before it"
        )
    step.normalize(*arrays, eps)
