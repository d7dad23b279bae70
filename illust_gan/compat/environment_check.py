"""_environment_check.py:6-7 imports ``numpy.distutils`` and ``pkg_resources``.

The first is gone from Python 3.12 on, the second from setuptools 82 on. What the module then checks
is of other days: Python 3.5.0, macOS's Accelerate, and the releases of CuPy and iDeep that were
current in 2022, CuPy 14 not among them. So it is not executed at all.
"""

WHERE = "chainer._environment_check"
WHAT = "_environment_check.py:6 imports numpy.distutils and pkg_resources"


def execute(module):
    """Give the module a check that finds no fault."""
    module.check = lambda: None
