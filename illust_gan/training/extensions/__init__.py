"""Extensions of Chainer's Trainer, a class a file."""

from illust_gan.training.extensions.finite_loss import FiniteLoss
from illust_gan.training.extensions.sheet import Sheet
from illust_gan.training.extensions.stop_signal import StopSignal

__all__ = ["FiniteLoss", "Sheet", "StopSignal"]
