"""F.cast for bfloat16, whose gradient Chainer's own would not pass on."""

import chainer
from chainer import function_node

from illust_gan.functions.cuda import layout


class Cast(function_node.FunctionNode):
    """Rounds a variable to another type; its gradient is of the type that it had.

    ``functions/array/cast.py`` of Chainer gives no gradient to what NumPy does not call a float,
    and bfloat16 is such a type.

    Args:
        dtype (numpy.dtype): float32, float16 or bfloat16.
    """

    def __init__(self, dtype):
        self.dtype = dtype

    def forward_gpu(self, inputs):
        """Cast, with the numbers in the order in memory that they have."""
        self.given = inputs[0].dtype
        return (layout.cast(inputs[0], self.dtype),)

    def backward(self, indexes, grad_outputs):
        """Cast back."""
        return Cast(self.given).apply(grad_outputs)


def cast(x, dtype):
    """Round a variable to another type.

    Args:
        x (chainer.Variable): Of a dense CuPy array; float32, float16 or bfloat16.
        dtype (numpy.dtype): One of these.

    Returns:
        chainer.Variable: ``x`` itself if it is of that type.
    """
    return chainer.as_variable(x) if x.dtype == dtype else Cast(dtype).apply((x,))[0]
