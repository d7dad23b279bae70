"""Host memory which the device copies from and to by itself, later than the host asks for it."""

import weakref

import numpy as np

_pinned = weakref.WeakValueDictionary()


class PinnedMemoryPointer(bytearray):
    """Pinned memory; a buffer, for ``numpy.frombuffer``.

    Attributes:
        ptr (int): Its address.
    """

    def __init__(self, size):
        super().__init__(size)
        # No export of the buffer is kept: with one of its own it could not be collected.
        self.ptr = np.frombuffer(self, np.uint8).ctypes.data if size else 0
        self.mem = None
        _pinned[self.ptr] = self

    def size(self):
        """Return its size in bytes."""
        return len(self)


def holds(array):
    """Tell whether an array of NumPy's lies in pinned memory."""
    address = array.__array_interface__["data"][0]
    return any(ptr <= address < ptr + len(memory) for ptr, memory in list(_pinned.items()))


def source(array):
    """Return what a copy to the device reads: other memory is read before the call returns."""
    return array if holds(array) else array.copy()
