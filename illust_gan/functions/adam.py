"""Adam and AdamW under Chainer's own update rule: one pass over a parameter and its state."""

import functools

import numpy as np

from illust_gan.functions.dense import in_order_of, same_order
from illust_gan.functions.switch import fast_kernels

WHERE = "chainer.optimizers.adam"
WHAT = "Adam and AdamW"


def mend(module):
    """Let the rule ask for a fast path first."""
    plain = module.AdamRule.update_core_cpu

    @functools.wraps(plain)
    def update_core_cpu(self, param):
        if not _update(self, param):
            plain(self, param)

    module.AdamRule.update_core_cpu = update_core_cpu


def _update(rule, param):
    """Do one step and return True, or return False where there is no fast path."""
    p, g, hp = param.data, param.grad, rule.hyperparam
    if p is None or g is None or hp.amsgrad or hp.adabound:
        return False
    kernels = fast_kernels(p.dtype)
    m, v = rule.state["m"], rule.state["v"]
    if kernels is None or not p.dtype == g.dtype == m.dtype == v.dtype:
        return False
    if not same_order(p, m, v, g):
        if not same_order(p, m, v) or type(g) is not np.ndarray:
            return False
        g = in_order_of(p, g)
    if not (p.flags.writeable and m.flags.writeable and v.flags.writeable):
        return False  # NumPy says what is wrong
    rule._check_eps(p.dtype.type)
    kernels.adam(
        *(p, g, m, v, p.size),
        *map(float, (1.0 - hp.beta1, 1.0 - hp.beta2, rule.alpha_t, hp.eps)),
        *map(float, (1.0 - hp.eta * hp.weight_decay_rate, hp.eta)),
    )
    return True
