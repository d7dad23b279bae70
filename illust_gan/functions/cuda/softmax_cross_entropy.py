"""Softmax cross entropy of a minibatch on a GPU, under Chainer's own class."""

import functools

import chainer
from chainer import function_node

from illust_gan.functions.cuda import losses
from illust_gan.functions.cuda.sigmoid_cross_entropy import fits

WHERE = "chainer.functions.loss.softmax_cross_entropy"
WHAT = "the mean of softmax_cross_entropy on a GPU, and its gradient, in one launch each"


def mend(module):
    """Let the function and its gradient ask for a fast path first."""
    function_class = module.SoftmaxCrossEntropy
    plain_forward, plain_backward = function_class.forward_gpu, function_class.backward

    @functools.wraps(plain_forward)
    def forward_gpu(self, inputs):
        x, t = inputs
        self._count = None
        # In its debug mode, Chainer says which labels are wrong.
        if not _is_usual(self, x, t) or chainer.is_debug():
            return plain_forward(self, inputs)
        self.retain_inputs((0, 1))
        loss, self._count = losses.softmax_cross_entropy(x, t, self.ignore_label, self.normalize)
        return (loss,)

    @functools.wraps(plain_backward)
    def backward(self, indexes, grad_outputs):
        if self._count is None:
            return plain_backward(self, indexes, grad_outputs)
        function = SoftmaxCrossEntropyGradient(self._count, self.ignore_label)
        return (*function.apply((*self.get_retained_inputs(), *grad_outputs)), None)

    function_class._count = None
    function_class.forward_gpu = forward_gpu
    function_class.backward = backward


class SoftmaxCrossEntropyGradient(function_node.FunctionNode):
    """Gradient of the mean; as in Chainer, it has no gradient itself.

    Args:
        count (cupy.ndarray): From :func:`illust_gan.functions.cuda.losses.softmax_cross_entropy`.
        ignore_label (int): As given there.
    """

    def __init__(self, count, ignore_label):
        self.count = count
        self.ignore_label = ignore_label

    def forward_gpu(self, inputs):
        """Compute it from x, t and the gradient of the loss."""
        x, t, gy = inputs
        return (losses.softmax_cross_entropy_gradient(x, t, gy, self.count, self.ignore_label),)


def _is_usual(function, x, t):
    return (
        function.reduce == "mean"
        and function.class_weight is None
        and x.ndim == 2
        and t.shape == x.shape[:1]
        and fits(x, t)
    )
