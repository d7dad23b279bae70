"""``cupy.cuda.cublas``: that it can be imported is all that Chainer asks."""
