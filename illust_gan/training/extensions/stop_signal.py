"""Ctrl-C and SIGTERM end a run after the present iteration, not in the middle of it."""

import signal
import threading

from chainer.training import extension


class StopSignal(extension.Extension):
    """Trainer extension that turns SIGINT and SIGTERM into an orderly end.

    The first signal lets the iteration finish; the run's :class:`~illust_gan.training.triggers.
    StopTrigger` then ends the loop, after a last snapshot. A second signal acts as it would
    without this extension, for those who cannot wait. Outside the main thread, where Python
    allows no signal handlers, it listens to nothing.

    Attributes:
        stopping (bool): Whether the run is to end at this iteration. It changes only here, between
            update and snapshot, so that all who ask within an iteration hear the same.
        received (signal.Signals): The signal, or None.
    """

    trigger = (1, "iteration")
    priority = 500

    def __init__(self):
        self.stopping = False
        self.received = None
        self._former = {}

    def initialize(self, trainer):
        """Begin to listen."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._receive)

    def _receive(self, number, frame):
        self.received = signal.Signals(number)
        self.finalize()

    def __call__(self, trainer):
        self.stopping = self.received is not None

    def finalize(self):
        """Put the former handlers back."""
        while self._former:
            signal.signal(*self._former.popitem())
