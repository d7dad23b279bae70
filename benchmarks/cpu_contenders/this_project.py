"""This project in float32, as it is installed."""

from chainer_deeds import VERSION, make

__all__ = ["VERSION", "make"]
