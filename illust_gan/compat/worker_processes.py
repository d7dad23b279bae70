"""Child processes that import Chainer are mended before they do.

A process that is started afresh (spawn; forkserver, Python 3.14's default on Linux) knows nothing
of its parent's mends. It unpickles the process object with its target and arguments, and to look
up ``chainer.iterators.multiprocess_iterator._fetch_setup`` there it imports Chainer, which fails.
So process objects are pickled with a first word that imports this package.
"""

from multiprocessing import context
from multiprocessing.reduction import ForkingPickler

WHERE = "chainer"
WHAT = "iterators/multiprocess_iterator.py:461 and others start processes that import Chainer"


def rebuild(cls):
    """Make an empty process object; looking this function up has mended Chainer."""
    return cls.__new__(cls)


def _reduce(process):
    return rebuild, (type(process),), process.__dict__


def mend(module):
    """Register how process objects are pickled, for this process and its children."""
    for name in ("Process", "SpawnProcess", "ForkServerProcess"):
        if hasattr(context, name):
            ForkingPickler.register(getattr(context, name), _reduce)
