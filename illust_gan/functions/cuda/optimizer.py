"""Adam on a GPU in two launches for all parameters, under Chainer's own ``GradientMethod.update``.

The number of steps lives on the device as well as in Chainer's ``t``, so a CUDA graph in which
``update`` was captured counts its launches by itself (see :mod:`.captured_optimizer`).
"""

import functools

import numpy as np

from illust_gan.functions import switch

WHERE = "chainer.optimizer"
WHAT = "Adam on a GPU, with its weight decay, in two launches for all parameters"

_HYPERPARAMETERS = ("alpha", "beta1", "beta2", "eps", "eta", "weight_decay_rate")


def mend(module):
    """Let optimisers ask for a fast path first."""
    plain = module.GradientMethod.update

    @functools.wraps(plain)
    def update(self, lossfun=None, *args, **kwds):
        parts = None if lossfun is not None else parts_of(self)
        if parts is None:
            if loss_scale(self) is not None:
                raise RuntimeError(
                    "the loss is scaled on the device for this optimizer, which must be Adam on "
                    "CuPy arrays with no hooks but WeightDecay; give it so, or use bf16 or float32"
                )
            return plain(self, lossfun, *args, **kwds)
        params, decay = parts
        self.reallocate_cleared_grads()
        group = _advance(self, params, decay)
        arrays = [
            [param.array for param in params],
            [param.grad for param in params],
            *([param.update_rule.state[name] for param in params] for name in "mv"),
        ]
        scale = loss_scale(self)
        if scale is not None:
            scale.check(arrays[1])
        group.step(*arrays, scale)
        if scale is not None:
            scale.update()
        return None

    module.GradientMethod.update = update


def counts_on_device(optimizer):
    """Return whether an optimiser takes the fast path.

    Args:
        optimizer (chainer.Optimizer): Any.

    Returns:
        bool: True for Adam on float32 CuPy arrays, with no hooks but ``WeightDecay``.
    """
    return parts_of(optimizer) is not None


def set_loss_scale(optimizer, scale):
    """Let an optimiser divide gradients by a scale, and leave out steps that are not finite.

    Args:
        optimizer (chainer.optimizers.Adam): With parameters on a GPU.
        scale (illust_gan.functions.cuda.loss_scale.LossScale): Or None for none.
    """
    optimizer._device_loss_scale = scale


def loss_scale(optimizer):
    """Return what :func:`set_loss_scale` has set, or None."""
    return getattr(optimizer, "_device_loss_scale", None)


def _advance(optimizer, params, decay):
    """Count a step on the host and return the group, which will make it on the device."""
    from illust_gan.functions.cuda.adam import Group

    group = getattr(optimizer, "_cuda_group", None)
    t = params[0].update_rule.t
    if group is None:
        group = optimizer._cuda_group = Group(t)
    elif optimizer._cuda_steps != t:
        group.set_t(t)  # a snapshot has been loaded
    group.set(**hyperparameters(optimizer), decay=decay)
    optimizer.t += 1
    for param in params:
        rule = param.update_rule
        rule._init_states(param)
        rule.t += 1
    optimizer._cuda_steps = t + 1
    return group


def hyperparameters(optimizer):
    """Return what all parameters share, as :meth:`.adam.Group.set` takes it."""
    return {name: float(getattr(optimizer.hyperparam, name)) for name in _HYPERPARAMETERS}


def parts_of(optimizer):
    """Return parameters and rate of weight decay; None where there is no fast path."""
    if not switch.config.fast or optimizer.target is None:
        return None
    decay = decay_of(optimizer)
    params = list(optimizer.target.params())
    if decay is None or not params or not _is_adam(optimizer):
        return None
    if len({param.update_rule.t for param in params}) > 1 or not all(map(_is_usual, params)):
        return None
    return params, decay


def _is_adam(optimizer):
    import chainer

    hyper = optimizer.hyperparam
    return (
        isinstance(optimizer, chainer.optimizers.Adam)
        and not hyper.amsgrad
        and not hyper.adabound
        and optimizer._loss_scale is None
        and all(
            type(param.update_rule) is chainer.optimizers.adam.AdamRule
            for param in optimizer.target.params()
        )
    )


def _is_usual(param):
    from chainer.backends import cuda

    rule = param.update_rule
    return (
        isinstance(param.array, cuda.ndarray)
        and param.dtype == np.float32
        and param.layout is None
        and param.array.flags.c_contiguous
        and rule.enabled
        and not rule._use_fp32_update
        and not hooks_of(rule)
        # None but those of the optimizer, which all parameters share.
        and vars(rule.hyperparam).keys() == {"_parent"}
    )


def decay_of(optimizer):
    """Return the sum of the rates of all weight decays; None if there is another hook."""
    from chainer.optimizer_hooks import WeightDecay

    rate = 0.0
    for hook in hooks_of(optimizer):
        if type(hook) is not WeightDecay:
            return None
        rate += hook.rate
    return rate


def hooks_of(owner):
    """Return the hooks of an optimiser or of a rule."""
    hookable = owner._hookable
    return [*hookable._pre_update_hooks.values(), *hookable._post_update_hooks.values()]
