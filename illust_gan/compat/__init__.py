"""Chainer 7.8.1 on today's Python, NumPy, CuPy and h5py.

Importing this package prepares ``import chainer``: nothing is loaded now, and nothing in Chainer's
files is changed. When Chainer's modules are imported, those that today's libraries have broken are
mended one by one. Each mend is a file of this package and names the line that it is for.

:mod:`illust_gan.compat.chainer1`, to be imported by itself, brings back what Chainer 1 had.
"""

from illust_gan.compat import finder

finder.install()
