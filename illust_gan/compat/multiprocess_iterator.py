"""iterators/multiprocess_iterator.py:475 calls ``Thread.setDaemon``.

Deprecated since Python 3.10.
"""

import threading

from illust_gan.compat.stand_in import StandIn

WHERE = "chainer.iterators.multiprocess_iterator"
WHAT = "iterators/multiprocess_iterator.py:475 calls Thread.setDaemon"


class _Thread(threading.Thread):
    def setDaemon(self, daemonic):  # noqa: N802 - the name that Chainer calls
        self.daemon = daemonic


def mend(module):
    """Give the module threads whose ``setDaemon`` is not deprecated."""
    module.threading = StandIn(threading, Thread=_Thread)
