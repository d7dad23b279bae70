"""Minibatches on their way to a GPU, while it is busy with the one before."""

import weakref

import numpy as np


class Feed:
    """Copies minibatches to one place in a GPU's memory.

    From the host they go through pinned memory, on a stream of their own, into one of two places
    beside it, and from there when their turn comes: the host is ahead of the GPU, and copies the
    next minibatch while the GPU learns from this one. From the GPU itself they are copied at once.

    Args:
        stream (cupy.cuda.Stream): Where they are read.
    """

    def __init__(self, stream):
        import cupy

        self.xp = cupy
        self.stream = stream
        self.copying = cupy.cuda.Stream(non_blocking=True)
        weakref.finalize(self, self.copying.synchronize).atexit = False
        self.place = None
        self._slots = []
        self._turn = 0

    def __call__(self, batch):
        """Bring a minibatch to its place.

        Args:
            batch (:ref:`ndarray`): Of any shape and type, on the host or the GPU.

        Returns:
            cupy.ndarray: The same as long as shape and type are, on whose stream it may be read.
        """
        if self.place is None or (self.place.shape, self.place.dtype) != (batch.shape, batch.dtype):
            # Copies may be under way to what is given up here.
            self.copying.synchronize()
            self.stream.synchronize()
            self.place = self.xp.empty(batch.shape, batch.dtype)
            self._slots = []
        source = self._bring(batch) if isinstance(batch, np.ndarray) else batch
        with self.stream:
            self.place[...] = source
            if isinstance(batch, np.ndarray):
                self._slots[self._turn].is_read.record(self.stream)
        return self.place

    def _bring(self, batch):
        if not self._slots:
            self._slots = [_Slot(self.xp, batch) for _ in range(2)]
            # Their memory may have been another array's, with work left on the current stream.
            self.copying.wait_event(self.xp.cuda.get_current_stream().record())
        self._turn = 1 - self._turn
        slot = self._slots[self._turn]
        # Both are long past, unless the host is two minibatches ahead.
        slot.is_copied.synchronize()
        slot.pinned[...] = batch
        self.copying.wait_event(slot.is_read)
        slot.array.set(slot.pinned, self.copying)
        slot.is_copied.record(self.copying)
        self.stream.wait_event(slot.is_copied)
        return slot.array


class _Slot:
    def __init__(self, xp, batch):
        memory = xp.cuda.alloc_pinned_memory(batch.nbytes)
        self.pinned = np.frombuffer(memory, batch.dtype, batch.size).reshape(batch.shape)
        self.array = xp.empty(batch.shape, batch.dtype)
        self.is_copied, self.is_read = (xp.cuda.Event(disable_timing=True) for _ in range(2))
