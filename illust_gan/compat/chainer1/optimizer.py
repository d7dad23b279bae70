"""``zero_grads`` and its like, methods of Optimizer since before Chainer 1.5.

Restores ``optimizer.py:254-340`` of Chainer 1.5.1. Chainer 2 removed the methods in favour of those
of Link and of hooks; ``optimizer.py:517`` of 7.8.1, the class, no longer has them.

Gradients of zeros are not the same as none, which ``cleargrads`` leaves: weight decay moves a
parameter that takes no part in the loss only if it has a gradient, as in 2015.
"""

import math

import chainer
from chainer import optimizer_hooks


def restore():
    """Give ``chainer.Optimizer`` the methods back."""
    for method in (zero_grads, compute_grads_norm, clip_grads, weight_decay, accumulate_grads):
        setattr(chainer.Optimizer, method.__name__, method)


def zero_grads(self):
    """Fill all gradients of the target with zeros."""
    self.target.zerograds()


def compute_grads_norm(self):
    """Return the L2 norm of all gradients together, as a float."""
    return math.sqrt(sum(float((param.grad**2).sum()) for param in self.target.params()))


def clip_grads(self, maxnorm):
    """Scale all gradients so that their L2 norm is ``maxnorm`` at most."""
    optimizer_hooks.GradientClipping(maxnorm)(self)


def weight_decay(self, decay):
    """Add ``decay`` times each parameter to its gradient."""
    hook = optimizer_hooks.WeightDecay(decay)
    for param in self.target.params():
        hook(None, param)


def accumulate_grads(self, grads):
    """Add arrays to the gradients, in the order of the target's parameters, from any device."""
    for param, grad in zip(self.target.params(), grads):
        param.grad += param.device.send(grad)
