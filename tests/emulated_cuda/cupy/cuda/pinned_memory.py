"""Host memory that real transfers would need to be asynchronous."""

import ctypes


class PinnedMemoryPointer(bytearray):
    """Pinned memory; a buffer, for ``numpy.frombuffer``.

    Attributes:
        ptr (int): Its address.
    """

    def __init__(self, size):
        super().__init__(size)
        self._array = (ctypes.c_char * size).from_buffer(self) if size else None
        self.ptr = ctypes.addressof(self._array) if size else 0
        self.mem = self

    def size(self):
        """Return its size in bytes."""
        return len(self)


PinnedMemory = PinnedMemoryPointer


class PinnedMemoryPool:
    """A pool that keeps nothing."""

    def malloc(self, size):
        """Return ``size`` bytes of pinned memory."""
        return PinnedMemoryPointer(size)

    def free_all_blocks(self):
        """Do nothing."""

    def n_free_blocks(self):
        """Return 0."""
        return 0


default_pool = PinnedMemoryPool()


def alloc_pinned_memory(size):
    """Return ``size`` bytes of pinned memory."""
    return PinnedMemoryPointer(int(size))


def set_pinned_memory_allocator(allocator=None):
    """Do nothing."""
