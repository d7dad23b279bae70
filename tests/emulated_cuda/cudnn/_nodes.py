"""The operations of a graph: the part of ``cudnn.pygraph`` that builds it."""

import dataclasses
from collections.abc import Callable

import numpy as np

from cudnn import _convolution, _pointwise
from cudnn._tensor import tensor
from cudnn._types import data_type


@dataclasses.dataclass
class Node:
    """One operation.

    Attributes:
        name (str): The operation's name.
        inputs, outputs (list of tensor): What it reads and makes.
        infer (callable): Sets the outputs' shapes where they can be inferred.
        check (callable): Raises if the shapes do not belong together.
        compute (callable): From arrays of the inputs to a list of those of the outputs.
    """

    name: str
    inputs: list
    outputs: list
    infer: Callable
    compute: Callable
    check: Callable = lambda: None


def channels_last(dim):
    """Return the strides, in elements, which a tensor has if it is given none."""
    strides, size = [0] * len(dim), 1
    for k in (1, *range(len(dim) - 1, 1, -1), 0) if len(dim) > 1 else (0,):
        strides[k], size = size, size * dim[k]
    return strides


def set_if_unset(out, dim, stride=None):
    """Give an output what it was not given by hand."""
    if not out._dim:
        out._dim = list(dim)
    if not out._stride:
        out._stride = list(stride) if stride and out._dim == list(dim) else channels_last(out._dim)


class Building:
    """The methods of a graph that add operations."""

    def _node(self, name, label, inputs, infer, compute, n_out=1, check=None):
        for value in inputs:
            if not isinstance(value, tensor):
                raise TypeError(f"incompatible function arguments: {value!r} is no tensor")
        label = label or str(len(self._nodes))
        outs = [tensor(f"{label}::{'Y' if n_out == 1 else k}") for k in range(n_out)]
        node = Node(name, list(inputs), outs, infer, compute, *([check] if check else []))
        self._nodes.append(node)
        return outs

    def _convolve(self, name, inputs, label, lists):
        padding = lists.pop("padding", None)
        if padding is not None:
            lists["pre_padding"] = lists["post_padding"] = padding
        geometry = {key: list(value) for key, value in lists.items()}
        first, second = inputs

        def operands():
            out = self._nodes[index].outputs[0]
            image, W, y = {
                "conv_fprop": (first, second, out),
                "conv_dgrad": (out, second, first),
                "conv_wgrad": (first, out, second),
            }[name]
            return [image._dim, W._dim, y._dim]

        def infer():
            for key in ("pre_padding", "post_padding", "stride", "dilation"):
                if len(geometry.get(key) or []) != 2:
                    raise ValueError(f"Conv {key} not set.".replace("stride ", "strides "))
            out = self._nodes[index].outputs[0]
            if name == "conv_fprop":
                set_if_unset(out, _convolution.out_dim(first._dim, second._dim, geometry))
            elif not out._dim:
                kind = name.removeprefix("conv_")
                raise ValueError(f"For {kind} node, output dimension inferencing is not possible.")
            else:
                set_if_unset(out, out._dim)

        def compute(a, b):
            function = getattr(_convolution, name.removeprefix("conv_"))
            return [function(a, b, tuple(self._nodes[index].outputs[0]._dim), geometry)]

        def check():
            _convolution.check(name, *operands(), geometry)

        index = len(self._nodes)
        return self._node(name, label, inputs, infer, compute, check=check)[0]

    def conv_fprop(self, image, weight, *, compute_data_type=data_type.NOT_SET, name="", **lists):
        """Add a convolution."""
        return self._convolve("conv_fprop", (image, weight), name, lists)

    def conv_dgrad(self, loss, filter, *, compute_data_type=data_type.NOT_SET, name="", **lists):
        """Add the gradient with respect to the image."""
        return self._convolve("conv_dgrad", (loss, filter), name, lists)

    def conv_wgrad(self, image, loss, *, compute_data_type=data_type.NOT_SET, name="", **lists):
        """Add the gradient with respect to the filter."""
        return self._convolve("conv_wgrad", (image, loss), name, lists)

    def _pointwise(self, name, label, inputs, function):
        def infer():
            shape = np.broadcast_shapes(*[value._dim for value in inputs])
            like = next(value for value in inputs if value._dim == list(shape))
            set_if_unset(self._nodes[index].outputs[0], shape, like._stride)

        index = len(self._nodes)
        return self._node(name, label, inputs, infer, lambda *a: [function(*a)])[0]

    def relu(
        self,
        input,
        negative_slope=None,
        lower_clip=None,
        upper_clip=None,
        compute_data_type=data_type.NOT_SET,
        name="",
    ):
        """Add ReLU, leaky or clipped."""
        limits = (negative_slope, lower_clip, upper_clip)
        return self._pointwise("relu", name, [input], lambda x: _pointwise.relu(x, *limits))

    def relu_backward(
        self,
        loss,
        input,
        negative_slope=None,
        lower_clip=None,
        upper_clip=None,
        compute_data_type=data_type.NOT_SET,
        name="",
    ):
        """Add ReLU's gradient."""
        limits = (negative_slope, lower_clip, upper_clip)
        return self._pointwise(
            "relu_backward",
            name,
            [loss, input],
            lambda g, x: _pointwise.relu_backward(g, x, *limits),
        )

    def leaky_relu(self, input, negative_slope, compute_data_type=data_type.NOT_SET, name=""):
        """Add leaky ReLU."""
        return self.relu(input, negative_slope, name=name)

    def leaky_relu_backward(
        self, loss, input, negative_slope, compute_data_type=data_type.NOT_SET, name=""
    ):
        """Add leaky ReLU's gradient."""
        return self.relu_backward(loss, input, negative_slope, name=name)

    def binary_select(self, input0, input1, mask, compute_data_type=data_type.NOT_SET, name=""):
        """Add a choice between two tensors."""
        return self._pointwise(
            "binary_select", name, [input0, input1, mask], lambda a, b, m: np.where(m, a, b)
        )

    def reduction(self, input, mode, compute_data_type=data_type.NOT_SET, name=""):
        """Add a reduction; its output's shape, set by hand, says of which axes."""

        def infer():
            out = self._nodes[index].outputs[0]
            set_if_unset(out, out._dim or input._dim)

        def compute(x):
            dim = self._nodes[index].outputs[0]._dim
            axes = tuple([k for k in range(x.ndim) if dim[k] == 1])
            return [_pointwise.REDUCTIONS[mode.name](x, axis=axes, keepdims=True)]

        index = len(self._nodes)
        return self._node("reduction", name, [input], infer, compute)[0]

    def genstats(self, input, compute_data_type=data_type.NOT_SET, name=""):
        """Add the sums, and the sums of squares, of each channel."""

        def infer():
            for out in self._nodes[index].outputs:
                set_if_unset(out, [1, input._dim[1], *[1] * (len(input._dim) - 2)])

        def compute(x):
            axes = tuple([k for k in range(x.ndim) if k != 1])
            return [x.sum(axes, keepdims=True), (x * x).sum(axes, keepdims=True)]

        index = len(self._nodes)
        return self._node("genstats", name, [input], infer, compute, n_out=2)

    def matmul(self, A, B, compute_data_type=data_type.NOT_SET, padding=0.0, name=""):
        """Add a product of matrices."""

        def infer():
            batch = np.broadcast_shapes(A._dim[:-2], B._dim[:-2])
            dim = [*batch, A._dim[-2], B._dim[-1]]
            strides = [int(np.prod(dim[k + 1 :])) for k in range(len(dim))]
            set_if_unset(self._nodes[index].outputs[0], dim, strides)

        index = len(self._nodes)
        return self._node("matmul", name, [A, B], infer, lambda a, b: [a @ b])[0]


def _add_unary(name, function):
    def method(self, input, compute_data_type=data_type.NOT_SET, name=""):
        return self._pointwise(method.__name__, name, [input], function)

    method.__name__, method.__doc__ = name, f"Add {name} of each element."
    setattr(Building, name, method)


def _add_binary(name, names, function):
    def method(self, *args, compute_data_type=data_type.NOT_SET, name="", **kwargs):
        given = [*args, *[kwargs.pop(key) for key in names[len(args) :]]]
        if kwargs or len(given) != 2:
            raise TypeError(f"{method.__name__}(): incompatible function arguments")
        return self._pointwise(method.__name__, name, given, function)

    method.__name__, method.__doc__ = name, f"Add {name} of two tensors."
    setattr(Building, name, method)


for _name, _function in _pointwise.UNARY.items():
    _add_unary(_name, _function)
for _name, (_names, _function) in _pointwise.BINARY.items():
    _add_binary(_name, _names, _function)
