"""``cupyx.scipy.special``: that it can be imported is all that Chainer asks."""
