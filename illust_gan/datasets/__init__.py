"""Pictures on disk become arrays: the packed file, the built-in faces, the user's own pictures.

A set is made once, by :func:`make_avatars` (faces drawn from licensed parts) or
:func:`pack` (your own pictures), and is one file of pixels beside its manifest from then on:
:class:`PackedDataset` opens it, Chainer's iterators hand it out, :func:`to_float` turns a batch
into what a net eats and :func:`to_pixels` turns what a net draws into pictures.
"""

import importlib

_HOME = {
    "DatasetError": "errors",
    "PackedDataset": "packed",
    "PackedIterator": "packed_iterator",
    "PictureError": "errors",
    "check": "checking",
    "describe": "description",
    "make_avatars": "avatars",
    "most_alike": "likeness",
    "most_unusual": "likeness",
    "pack": "packing.pack",
    "phash": "perceptual_hash",
    "read_picture": "pictures",
    "to_float": "pixels",
    "to_pixels": "pixels",
    "write_packed": "writer",
    "write_report": "report",
}

__all__ = [
    "DatasetError",
    "PackedDataset",
    "PackedIterator",
    "PictureError",
    "check",
    "describe",
    "make_avatars",
    "most_alike",
    "most_unusual",
    "pack",
    "phash",
    "read_picture",
    "to_float",
    "to_pixels",
    "write_packed",
    "write_report",
]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
