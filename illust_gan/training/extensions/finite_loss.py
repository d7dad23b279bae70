"""Stop a run whose loss is lost."""

import math

from chainer.training import extension

from illust_gan.errors import UserError


class LossNotFiniteError(UserError):
    """A loss became infinite or not a number; the message says which and when."""


class FiniteLoss(extension.Extension):
    """Trainer extension that stops the run when a reported loss is not finite.

    It looks at each observation whose name ends in ``loss``. Chainer's own ``FailOnNonNumber``
    looks at the parameters instead, and so an iteration later, when the optimiser has already
    spread the damage; it also knows no iteration to name.

    It runs before every other extension, so that neither a snapshot nor a sheet of the broken
    state is written.

    Args:
        due (list of callable): Triggers that say when to look: what is written at other times needs
            no look, and a GPU can go on without waiting for the host to read a number. What is lost
            stays lost, so a later look finds it too. At each iteration if empty.

    Raises:
        LossNotFiniteError: With the iteration's number.
    """

    trigger = (1, "iteration")
    priority = 400

    def __init__(self, due=()):
        self.due = list(due)

    def __call__(self, trainer):
        # Intervals count calls, so each must be asked at each iteration.
        is_due = [trigger(trainer) for trigger in self.due]
        if is_due and True not in is_due:
            return
        for name, value in trainer.observation.items():
            if name.endswith("loss") and not math.isfinite(float(getattr(value, "array", value))):
                raise LossNotFiniteError(
                    f"{name} became {float(getattr(value, 'array', value))} "
                    f"{'by' if self.due else 'at'} iteration {trainer.updater.iteration}, so the "
                    "run was stopped; go on from a snapshot before it with --resume FILE, or begin "
                    "anew with a smaller --alpha"
                )
