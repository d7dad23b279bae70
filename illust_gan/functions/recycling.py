"""Arrays whose memory is used again.

The system hands out fresh memory page by page and fills each page with zeros first; for the large
arrays that every layer of every iteration makes, that costs as much time as filling them. Here the
memory of an array that nobody holds any more waits for the next one of its size.
"""

import ctypes
import math
import os
import threading
import weakref

import numpy as np

# Smaller arrays come from memory that the allocator keeps anyway.
_LEAST_BYTES = 1 << 20
# Alignment to huge pages lets the system map them as such.
_HUGE_PAGE = 1 << 21


class Recycler:
    """Keeps the memory of arrays that are no longer held.

    Args:
        most_bytes (int): Kept at most; memory that was waiting longest is given back first.
    """

    def __init__(self, most_bytes):
        self._most_bytes = most_bytes
        self._waiting = []  # (bytes, owner), the longest first
        self._lock = threading.RLock()
        # Another thread may hold the lock when a process is forked; the child has no such thread.
        os.register_at_fork(
            before=self._lock.acquire,
            after_in_parent=self._lock.release,
            after_in_child=self._lock.release,
        )

    def empty(self, shape, dtype):
        """Make an array without setting its numbers.

        Args:
            shape (tuple of int): Its shape.
            dtype (numpy.dtype): Its type.

        Returns:
            numpy.ndarray: Dense in the order of its axes, as from :func:`numpy.empty`.
        """
        dtype = np.dtype(dtype)
        n_bytes = int(math.prod(shape)) * dtype.itemsize
        if n_bytes < _LEAST_BYTES:
            return np.empty(shape, dtype)
        owner = self._take(n_bytes)
        # An object between array and memory: all views of the array hold it, and when the last is
        # gone the memory waits. NumPy would let views hold an owning array itself instead.
        lease = (ctypes.c_byte * n_bytes).from_buffer(owner)
        weakref.finalize(lease, self._put_back, n_bytes, owner).atexit = False
        return np.frombuffer(lease, dtype).reshape(shape)

    def empty_like(self, x):
        """Make an array like another, also in memory, without setting its numbers.

        Args:
            x (numpy.ndarray): Dense.

        Returns:
            numpy.ndarray: As from :func:`numpy.empty_like`.
        """
        if x.nbytes < _LEAST_BYTES:
            return np.empty_like(x)
        axes = sorted(range(x.ndim), key=lambda axis: -x.strides[axis])
        y = self.empty(tuple(x.shape[axis] for axis in axes), x.dtype)
        return y.transpose(np.argsort(axes))

    def _take(self, n_bytes):
        with self._lock:
            for i in reversed(range(len(self._waiting))):
                if self._waiting[i][0] == n_bytes:
                    return self._waiting.pop(i)[1]
        raw = np.empty(n_bytes + _HUGE_PAGE, np.uint8)
        start = -raw.ctypes.data % _HUGE_PAGE
        return raw[start : start + n_bytes]

    def _put_back(self, n_bytes, owner):
        with self._lock:
            self._waiting.append((n_bytes, owner))
            while sum(size for size, _ in self._waiting) > self._most_bytes:
                del self._waiting[0]


recycler = Recycler(most_bytes=1 << 29)
empty = recycler.empty
empty_like = recycler.empty_like
