"""Two nets against each other, under Chainer's own Trainer."""

from illust_gan.training import extensions
from illust_gan.training.order_sampler import SeededOrderSampler
from illust_gan.training.trainer import make_trainer
from illust_gan.training.updater import DCGANUpdater

__all__ = ["DCGANUpdater", "SeededOrderSampler", "extensions", "make_trainer"]
