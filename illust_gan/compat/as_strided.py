"""functions/array/as_strided.py:10 and :252 read ``numpy.sctypes``, gone since NumPy 2.0.

Line 10 runs at import, line 252 in the backward pass. NumPy has the name back only while the module
is executed; afterwards the module alone sees it.
"""

import contextlib

import numpy as np

from illust_gan.compat.stand_in import StandIn

WHERE = "chainer.functions.array.as_strided"
WHAT = "functions/array/as_strided.py:10, :252 read numpy.sctypes"

_SCTYPES = {
    "int": [np.int8, np.int16, np.int32, np.int64],
    "float": [np.float16, np.float32, np.float64],
}


@contextlib.contextmanager
def before():
    """Lend NumPy the name that it has dropped."""
    if hasattr(np, "sctypes"):
        yield
        return
    np.sctypes = _SCTYPES
    try:
        yield
    finally:
        del np.sctypes


def mend(module):
    """Let the module see NumPy with ``sctypes``."""
    if not hasattr(np, "sctypes"):
        module.np = StandIn(np, sctypes=_SCTYPES)
