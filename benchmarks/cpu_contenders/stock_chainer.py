"""Chainer 7.8.1 with its imports mended and nothing else: the fast functions are switched off."""

import os

# Before the import below, which reads it.
os.environ["ILLUST_GAN_FAST"] = "0"

from chainer_deeds import VERSION, make

__all__ = ["VERSION", "make"]
