"""Importing Chainer warns of nothing.

Its source has invalid escape sequences (a SyntaxWarning since Python 3.12), deprecated calls at
import time, and an attempt to load NCCL which warns when there is none
(training/updaters/multiprocess_parallel_updater.py:14). Under ``python -W error`` each of them ends
the import. They are hushed for as long as the package is being executed, and no longer.
"""

import contextlib
import warnings

WHERE = "chainer"
WHAT = "warnings while it is imported"


@contextlib.contextmanager
def before():
    """Ignore warnings while Chainer is executed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
