"""Pieces of device memory: NumPy buffers with guard bytes on both sides."""

import bisect
import threading
import weakref

import numpy as np

from cupy import _queue

GRANULE = 512  # CuPy's pool rounds sizes up to this, cupy/cuda/memory.pyx
TOTAL = 16 << 30  # bytes of the device
POISON = 0xFF  # a NaN in every floating-point type, and -1 in the integers

_lock = threading.RLock()
_addresses, _buffers = [], {}
replaying = False  # whether a graph is being launched


class OutOfBoundsError(RuntimeError):
    """A kernel wrote outside of the memory that it was given."""


class OutOfMemoryError(MemoryError):
    """The device has no memory left."""


class Buffer:
    """What one ``cudaMalloc`` gives: a NumPy array of bytes, and guards on both sides.

    Attributes:
        ptr (int): Address, a multiple of 512.
        size (int): Bytes that may be used; the guard behind begins right there.

    Raises:
        OutOfMemoryError: There are not so many bytes left.
    """

    device_id = 0

    def __init__(self, size, capacity=None):
        self.capacity = max(size, capacity or 0)
        if used_bytes() + self.capacity > TOTAL:
            raise OutOfMemoryError(f"Out of memory allocating {self.capacity:,} bytes")
        # Bytes on either side that no kernel may write: the more, the farther one may err.
        self._guard = 4096 + min(self.capacity, 1 << 18)
        raw = np.empty(self.capacity + 2 * self._guard + GRANULE, np.uint8)
        start = -(raw.ctypes.data + self._guard) % GRANULE
        self._whole = raw[start : start + self.capacity + 2 * self._guard]
        self._whole[:] = POISON
        self.ptr = self._whole.ctypes.data + self._guard
        self.use(size)
        with _lock:
            bisect.insort(_addresses, self.ptr)
            _buffers[self.ptr] = weakref.ref(self)
        weakref.finalize(self, _forget, self.ptr).atexit = False

    # The modules' names are gone when Python ends.
    def __del__(self, is_lazy=_queue.LAZY, graveyard=_queue.graveyard):
        if is_lazy and hasattr(self, "_whole"):
            graveyard.append(self._whole)

    def use(self, size):
        """Begin to use this for ``size`` bytes."""
        self.size = size
        self.bytes = self._whole[self._guard : self._guard + size]

    def poison(self):
        """Return a function that makes all of it poison, and does not keep it alive."""
        whole = self._whole[self._guard : self._guard + self.capacity]
        return lambda: whole.fill(POISON)

    def check(self, who):
        """Raise if the guards were written.

        Of work that is done later than it was given, as a graph's replay, only what lies behind
        ``capacity`` is checked: the piece may have been several arrays of different sizes since.

        Args:
            who (str): The kernel to blame.
        """
        size = self.capacity if replaying or _queue.LAZY else self.size
        outside = {
            "before": self._whole[: self._guard],
            "behind": self._whole[self._guard + size :],
        }
        for where, guard in outside.items():
            if guard.min() != POISON:
                guard[:] = POISON
                raise OutOfBoundsError(
                    f"{who} wrote {where} the {size} bytes at address {self.ptr:#x}"
                )

    def mend(self):
        """Make what lies between ``size`` and ``capacity`` poison again."""
        self._whole[self._guard + self.size : self._guard + self.capacity] = POISON


def _forget(ptr):
    with _lock:
        del _buffers[ptr]
        del _addresses[bisect.bisect_left(_addresses, ptr)]


def find(ptr):
    """Return the :class:`Buffer` in which an address lies, or None."""
    with _lock:
        i = bisect.bisect_right(_addresses, ptr) - 1
        buffer = _buffers[_addresses[i]]() if i >= 0 else None
    return buffer if buffer and ptr <= buffer.ptr + buffer.size else None


def used_bytes():
    """Return how much memory is taken from the device."""
    with _lock:
        found = [buffer() for buffer in _buffers.values()]
    return sum(buffer.capacity for buffer in found if buffer is not None)
