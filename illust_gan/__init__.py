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
    "apply_direction": "illust_gan.generation.directions",
    "config": "illust_gan.functions.switch",
    "direction_sheet": "illust_gan.generation.directions",
    "draw": "illust_gan.generation.sample",
    "export_onnx": "illust_gan.export.onnx",
    "export_web": "illust_gan.export.web",
    "fit_label": "illust_gan.generation.supervised",
    "fit_lists": "illust_gan.generation.supervised",
    "ganspace": "illust_gan.generation.unsupervised",
    "generate": "illust_gan.generation.sample",
    "load_directions": "illust_gan.generation.direction_file",
    "load_discriminator": "illust_gan.serializers.load",
    "load_generator": "illust_gan.serializers.load",
    "load_tensorflow_discriminator": "illust_gan.serializers.tensorflow",
    "load_tensorflow_generator": "illust_gan.serializers.tensorflow",
    "make_avatars": "illust_gan.datasets.avatars",
    "make_trainer": "illust_gan.training.trainer",
    "mix": "illust_gan.generation.mix",
    "neighbours": "illust_gan.generation.neighbours",
    "pack": "illust_gan.datasets.packing.pack",
    "pick_z": "illust_gan.generation.pick",
    "project": "illust_gan.generation.projection",
    "save_animation": "illust_gan.generation.animation",
    "save_directions": "illust_gan.generation.direction_file",
    "sefa": "illust_gan.generation.unsupervised",
    "sheet": "illust_gan.generation.sheet",
    "walk": "illust_gan.generation.walk",
    "with_label": "illust_gan.generation.one_label",
}

__all__ = [
    "DCGANUpdater",
    "PackedDataset",
    "UserError",
    "apply_direction",
    "config",
    "direction_sheet",
    "draw",
    "export_onnx",
    "export_web",
    "fit_label",
    "fit_lists",
    "ganspace",
    "generate",
    "load_directions",
    "load_discriminator",
    "load_generator",
    "load_tensorflow_discriminator",
    "load_tensorflow_generator",
    "make_avatars",
    "make_trainer",
    "mix",
    "neighbours",
    "pack",
    "pick_z",
    "project",
    "save_animation",
    "save_directions",
    "sefa",
    "sheet",
    "walk",
    "with_label",
]


def __getattr__(name):
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__():
    return sorted({*globals(), *__all__, *_ROOMS})
