"""``cupyx.scipy.linalg``: that it can be imported is all that Chainer asks."""
