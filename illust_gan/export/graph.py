"""Steps of a generator as an ONNX model."""

import numpy as np

from illust_gan.export.steps import Activation, Constant, Reshape
from illust_gan.export.weighted import Weighted

OPSET = 25
"""int: Version of ONNX's operators, https://onnx.ai/onnx/operators; one number, so that a
generator is the same file whichever onnx is installed."""

# What went with opset 25, in onnx 1.20.
_IR_VERSION = 13


def make_model(onnx, steps, *, n_hidden, picture, name, metadata, half=False):
    """Build a model of one input, "z" (batch, n_hidden), and one output, "picture".

    With ``half``, weights are stored as float16 and cast to float32 in the graph, which runtimes do
    once, as they load it. Each output's weights are first divided by a power of two, and multiplied
    by it after the cast: so none is too large for float16, or so small that digits are lost,
    whatever statistics were folded into it. Biases are few, also where each pixel has another one,
    and stay float32.

    Args:
        onnx (module): The package.
        steps (list): From :func:`~illust_gan.export.steps.read_steps`.
        n_hidden (int): Length of z.
        picture (tuple): (channels, height, width).
        name (str): Of the graph.
        metadata (dict): Strings to strings, stored in the model.
        half (bool): Whether weights are stored as float16.

    Returns:
        onnx.ModelProto: Of opset :data:`OPSET`; float32 in and out, batches of any size.
    """
    parts = _Parts(onnx)
    last = "z"
    for number, step in enumerate(steps):
        out = "picture" if step is steps[-1] else f"h{number}"
        if isinstance(step, Weighted):
            parts.add_weighted(step, last, out, half)
        elif isinstance(step, Reshape):
            # 0 is the batch as it is, and the checker can follow it.
            shape = parts.add_array(f"{out}/shape", np.array((0, *step.shape), np.int64))
            parts.add_node("Reshape", [last, shape], out)
        elif isinstance(step, Activation):
            parts.add_node(step.kind, [last], out)
        elif isinstance(step, Constant):
            value = parts.add_array(f"{out}/value", np.array(step.value, np.float32))
            parts.add_node(step.kind, [last, value], out)
        last = out
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        parts.nodes,
        name,
        [helper.make_tensor_value_info("z", float32, ["batch", n_hidden])],
        [helper.make_tensor_value_info("picture", float32, ["batch", *picture])],
        initializer=parts.arrays,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="illust-gan",
        producer_version=metadata["illust_gan_version"],
    )
    helper.set_model_props(model, metadata)
    return model


class _Parts:
    """Nodes and arrays of a graph that is being built."""

    def __init__(self, onnx):
        self._onnx = onnx
        self.nodes = []
        self.arrays = []

    def add_node(self, kind, inputs, out, **attributes):
        node = self._onnx.helper.make_node(kind, inputs, [out], name=out, **attributes)
        self.nodes.append(node)
        return out

    def add_array(self, name, array):
        self.arrays.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def add_weighted(self, step, x, out, half):
        W = self._add_half(step) if half else self.add_array(f"{step.name}/W", _to_float32(step.W))
        b = self.add_array(f"{step.name}/b", _to_float32(step.b))
        if step.stride is None:
            self.add_node("Gemm", [x, W, b], out, transB=1)
            return
        # ONNX knows a bias of each channel; one of each pixel is added behind.
        varies = step.b.ndim > 1
        self.add_node(
            "ConvTranspose",
            [x, W] if varies else [x, W, b],
            f"{step.name}/product" if varies else out,
            kernel_shape=step.W.shape[2:],
            strides=[step.stride] * 2,
            pads=[step.pad] * 2 + [step.pad_after] * 2,
        )
        if varies:
            self.add_node("Add", [f"{step.name}/product", b], out)

    def _add_half(self, step):
        others = tuple(i for i in range(step.W.ndim) if i != step.axis)
        _, exponent = np.frexp(np.abs(step.W).max(axis=others))
        scale = step.along_outputs(np.exp2(exponent))
        name = f"{step.name}/W"
        stored = self.add_array(f"{name}16", (step.W / scale).astype(np.float16))
        cast = self.add_node("Cast", [stored], f"{name}32", to=self._onnx.TensorProto.FLOAT)
        scale = self.add_array(f"{name}/scale", _to_float32(scale))
        return self.add_node("Mul", [cast, scale], name)


def _to_float32(array):
    # What becomes infinite draws no picture, which is found before the model is kept.
    with np.errstate(over="ignore"):
        return array.astype(np.float32)
