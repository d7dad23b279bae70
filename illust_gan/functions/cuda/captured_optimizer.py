"""The host's side of an optimiser whose ``update`` a CUDA graph repeats.

It is asked before each launch, and so does no more than compare and count.
"""

from illust_gan.functions.cuda.optimizer import (
    counts_on_device,
    decay_of,
    hooks_of,
    hyperparameters,
    parts_of,
)


class CapturedOptimizer:
    """Keeps Chainer's counters and the device's together, and sends changed hyperparameters.

    Args:
        optimizer (chainer.optimizers.Adam): One that ``counts_on_device`` and has done a step.
        steps (int): How many the graph makes.
    """

    def __init__(self, optimizer, steps=1):
        self.optimizer = optimizer
        self.steps = steps
        self.params, self._decay = parts_of(optimizer)
        self.rules = [param.update_rule for param in self.params]
        self._hooks = hooks_of(optimizer)
        self._sent = self._settings()
        # Held, so that their memory stays the graph's.
        self._arrays = [param.array for param in self.params]
        self._states = [(rule.state["m"], rule.state["v"]) for rule in self.rules]

    def is_same(self):
        """Return whether the graph still does what ``update`` would do."""
        for param, array, rule, (m, v) in zip(self.params, self._arrays, self.rules, self._states):
            state, own = rule._state, rule._hookable
            if param._data[0] is not array or state is None:
                return False
            if state.get("m") is not m or state.get("v") is not v or not rule.enabled:
                return False
            if own._pre_update_hooks or own._post_update_hooks or len(vars(rule.hyperparam)) > 1:
                return False
        if hooks_of(self.optimizer) != self._hooks:
            return False
        return self._settings() == self._sent or counts_on_device(self.optimizer)

    def advance(self):
        """Count the steps that the next launch makes."""
        optimizer = self.optimizer
        group, t = optimizer._cuda_group, self.rules[0].t
        if optimizer._cuda_steps != t:
            group.set_t(t)  # a snapshot has been loaded
        settings = self._settings()
        if settings != self._sent:
            group.set(**hyperparameters(optimizer), decay=decay_of(optimizer))
            self._sent = settings
        optimizer.t += self.steps
        for rule in self.rules:
            rule.t += self.steps
        optimizer._cuda_steps = t + self.steps

    def _settings(self):
        return dict(vars(self.optimizer.hyperparam)), [hook.rate for hook in self._hooks]


class Counters:
    """What ``update`` counts on the host, to be put back where it was not done after all.

    Args:
        optimizer (chainer.optimizers.Adam): Any.
    """

    def __init__(self, optimizer):
        owners = [(optimizer, "t"), (optimizer, "_cuda_steps")]
        owners += [(param.update_rule, "t") for param in optimizer.target.params()]
        self._values = [(owner, name, getattr(owner, name, None)) for owner, name in owners]

    def put_back(self):
        """Set all counters to what they were."""
        for owner, name, value in self._values:
            setattr(owner, name, value)
