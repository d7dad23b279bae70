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

    Raises:
        LossNotFiniteError: With the iteration's number.
    """

    trigger = (1, "iteration")
    priority = 400

    def __call__(self, trainer):
        for name, value in trainer.observation.items():
            if name.endswith("loss") and not math.isfinite(float(getattr(value, "array", value))):
                raise LossNotFiniteError(
                    f"{name} became {float(getattr(value, 'array', value))} at iteration "
                    f"{trainer.updater.iteration}, so the run was stopped; go on from a snapshot "
                    "before it with --resume FILE, or begin anew with a smaller --alpha"
                )
