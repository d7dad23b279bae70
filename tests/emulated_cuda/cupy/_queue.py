"""What streams were given and have not done yet, if the emulated device is to be as late as it may.

By default work is done at once: the device is as early as it can be. With ``EMULATED_CUDA_LAZY=1``
in the environment it is done when the host waits for it, and no more of it than that needs. What
relies on more than CUDA promises fails in one of the two.
"""

import collections
import os
import threading

LAZY = os.environ.get("EMULATED_CUDA_LAZY", "0") == "1"
_MOST = 1024  # pieces of work; as many as CUDA takes before it lets the host wait
lock = threading.RLock()
_queues = {}
_depth = 0  # of work that does other work first
# Memory given back while work that knows its address may be left; cudaFree would wait.
graveyard = []


class Mark:
    """A point in a queue."""

    def __init__(self, queue):
        self._queue, self.is_reached = queue, False

    def reach(self):
        """Note that everything before it is done."""
        self.is_reached = True

    def wait(self):
        """Do everything before it."""
        self._queue.run(self)


class Queue:
    """The work of one stream, in order.

    Args:
        is_blocking (bool): Whether it and the null stream's wait for each other.
    """

    def __init__(self, is_blocking):
        self.is_blocking = is_blocking
        self._work, self._last = collections.deque(), None

    def put(self, work, held=()):
        """Add some work.

        Args:
            work (callable): The work.
            held: What must live until it is done.
        """
        with lock:
            self._last = None
            self._work.append((work, held))

    def relieve(self):
        """Do the oldest work where there is too much of it; not for finalizers to call."""
        with lock:
            while len(self._work) > _MOST and not _depth:
                self._do_next()

    def mark(self):
        """Return the point behind all work until now."""
        with lock:
            if self._last is None:
                mark = Mark(self)
                self.put(mark.reach)
                self._last = mark
            return self._last

    def run(self, until=None):
        """Do the work, all or until a mark is reached."""
        with lock:
            while self._work and not (until and until.is_reached):
                self._do_next()

    def _do_next(self):
        global _depth
        _depth += 1
        try:
            self._work.popleft()[0]()
        finally:
            _depth -= 1
        if graveyard and not _depth and all(queue.is_empty() for queue in list(_queues.values())):
            graveyard.clear()

    def is_empty(self):
        """Tell whether all is done."""
        return not self._work


def of(stream):
    """Return a stream's queue."""
    return _queues.setdefault(stream.ptr, Queue(not stream.is_non_blocking))


def keep_order_with_null(stream):
    """Let the next work of a stream wait as the null stream's rules demand."""
    queue = of(stream)
    if not queue.is_blocking:
        return
    others = [_queues.get(0)] if stream.ptr else list(_queues.values())
    for other in others:
        if other and other is not queue and other.is_blocking and not other.is_empty():
            queue.put(other.mark().wait)


def run_all():
    """Do the work of all streams."""
    for queue in list(_queues.values()):
        queue.run()
