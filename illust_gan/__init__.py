"""The two Chainer face generators of December 2015, brought back to life.

Importing this package makes ``import chainer`` work (see :mod:`illust_gan.compat`); nothing
heavy is loaded until one of the names below, or Chainer itself, is used.
"""

import importlib

from illust_gan import functions
from illust_gan.compat import finder  # mends Chainer

finder.add(functions.FAST_PATHS)

__version__ = "0.1.0"

_ROOMS = ("datasets", "export", "functions", "generation", "nets", "serializers", "training")
_HOME = {
    "DCGANUpdater": "illust_gan.training.updater",
    "PackedDataset": "illust_gan.datasets.packed",
    "UserError": "illust_gan.errors",
    "config": "illust_gan.functions.switch",
    "export_onnx": "illust_gan.export.onnx",
    "generate": "illust_gan.generation.sample",
    "load_discriminator": "illust_gan.serializers.load",
    "load_generator": "illust_gan.serializers.load",
    "make_avatars": "illust_gan.datasets.avatars",
    "make_trainer": "illust_gan.training.trainer",
    "mix": "illust_gan.generation.mix",
    "neighbours": "illust_gan.generation.neighbours",
    "pack": "illust_gan.datasets.packing.pack",
    "save_animation": "illust_gan.generation.animation",
    "sheet": "illust_gan.generation.sheet",
    "walk": "illust_gan.generation.walk",
}

__all__ = [
    "DCGANUpdater",
    "PackedDataset",
    "UserError",
    "config",
    "export_onnx",
    "generate",
    "load_discriminator",
    "load_generator",
    "make_avatars",
    "make_trainer",
    "mix",
    "neighbours",
    "pack",
    "save_animation",
    "sheet",
    "walk",
]


def __getattr__(name):
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__():
    return sorted({*globals(), *__all__, *_ROOMS})
