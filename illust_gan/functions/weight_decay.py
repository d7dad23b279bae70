"""Weight decay under Chainer's own hook."""

import functools

from illust_gan.functions.dense import same_order
from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.optimizer_hooks.weight_decay"
WHAT = "WeightDecay"


def mend(module):
    """Let the hook ask for a fast path first."""
    plain = module.WeightDecay.__call__

    @functools.wraps(plain)
    def __call__(self, rule, param):  # noqa: N807 – it is Chainer's
        if not _decay(self, param):
            plain(self, rule, param)

    module.WeightDecay.__call__ = __call__


def _decay(hook, param):
    """Add to the gradient and return True, or return False where there is no fast path."""
    p, g = param.data, param.grad
    if p is None or g is None:
        return False
    kernels = fast_kernels(p.dtype)
    if kernels is None or g.dtype != p.dtype or not same_order(p, g) or not g.flags.writeable:
        return False
    rate = hook.rate if param._loss_scale is None else hook.rate * param._loss_scale
    kernels.weight_decay(p, g, p.size, float(rate))
    return True
