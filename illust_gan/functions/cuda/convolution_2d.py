"""Convolution2D and the gradient of its weights by cuDNN, under Chainer's own classes."""

import functools

from illust_gan.functions import switch
from illust_gan.functions.convolution_2d import geometry_of
from illust_gan.functions.cuda import convolution, cudnn
from illust_gan.functions.cuda.layout import cast

WHERE = "chainer.functions.connection.convolution_2d"
WHAT = "convolution_2d on a GPU by cuDNN, and the gradient of its weights"


def mend(module):
    """Let both functions ask for a fast path first."""
    speed_up(module.Convolution2DFunction, _convolution)
    speed_up(module.Convolution2DGradW, _gradient)


def speed_up(function_class, fast):
    """Let a class of Chainer's ask for a fast path on a GPU before it takes its own.

    Under a precision of 16 bits only what is multiplied is rounded: the arrays of Chainer's graph
    keep their type.

    Args:
        function_class (type): A :class:`chainer.FunctionNode` of this family.
        fast (callable): (the function, precision, its inputs) → its output, or None if there is no
            fast path.
    """
    plain = function_class.forward_gpu

    @functools.wraps(plain)
    def forward_gpu(self, inputs):
        dtype = inputs[0].dtype
        y = fast(self, _precision(dtype), *inputs) if _is_usual(self, inputs) else None
        if y is None:
            return plain(self, inputs)
        self.retain_inputs((0, 1))
        return (cast(y, dtype),)

    function_class.forward_gpu = forward_gpu


def _precision(dtype):
    return "float16" if dtype == "float16" else switch.config.precision


def _is_usual(function, inputs):
    return (
        switch.config.fast
        and not getattr(function, "cudnn_fast", False)
        and all(layout is None for layout in function.input_layouts)
        and str(inputs[0].dtype) in ("float32", "float16")
        and all(array.dtype == inputs[0].dtype for array in inputs)
        and not any(0 in array.shape for array in inputs)
        and cudnn.is_there()
    )


def _convolution(function, precision, x, W, b=None):
    size = function._get_out_size(x.shape, W.shape)
    return convolution.convolve(x, W, b, size, geometry_of(function, W), precision)


def _gradient(function, precision, x, gy):
    if function.W_dtype != x.dtype:
        return None
    geometry = geometry_of(function, ksize=(function.kh, function.kw))
    return convolution.gradient_of_weights(x, gy, function.W_dtype, geometry, precision)
