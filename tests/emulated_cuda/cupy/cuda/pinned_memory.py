"""Host memory that real transfers would need to be asynchronous."""

from cupy._pinned import PinnedMemoryPointer

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
