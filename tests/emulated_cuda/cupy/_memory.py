"""CuPy's pools of device memory, and who allocates."""

import sys
import threading
import weakref

from cupy import _queue, _stream
from cupy._buffer import GRANULE, Buffer, find
from cupy._pointer import MemoryPointer

_lock = threading.RLock()


class PooledMemory:
    """A piece of a pool, given back when the last array in it is gone."""

    device_id = 0

    def __init__(self, buffer, pool, stream):
        self.buffer, self._pool, self._stream = buffer, weakref.ref(pool), stream
        self.ptr, self.size = buffer.ptr, buffer.capacity

    def free(self):
        """Give the piece back to its pool."""
        pool = self._pool() if self.buffer else None
        if pool is not None:
            pool._take_back(self.buffer, self._stream)
        self.buffer, self.ptr, self.size = None, 0, 0

    def __del__(self, is_finalizing=sys.is_finalizing):
        if not is_finalizing():
            self.free()


class Memory:
    """Memory from outside of a pool."""

    device_id = 0

    def __init__(self, size):
        self.buffer = Buffer(size)
        self.ptr, self.size = self.buffer.ptr, size


class UnownedMemory:
    """Memory which is somebody else's, here always a piece of emulated memory."""

    def __init__(self, ptr, size, owner, device_id=-1):
        self.buffer = find(ptr)
        if self.buffer is None:
            raise ValueError(f"{ptr:#x} is no address of the device")
        self.ptr, self.size, self._owner, self.device_id = ptr, size, owner, 0


class MemoryPool:
    """A pool which keeps what is freed for the next who wants as much.

    Unlike CuPy's, it neither splits nor joins pieces. What lies free is poison, so that reading
    an array which is gone gives NaN.
    """

    def __init__(self, allocator=None):
        self._free, self._all, self._limit = {}, [], 0

    def malloc(self, size):
        """Return a :class:`MemoryPointer` to ``size`` bytes."""
        if size == 0:
            return MemoryPointer(_Nothing, 0)
        capacity = -(-size // GRANULE) * GRANULE
        stream = _stream.get_current_stream()
        with _lock:
            free = self._free.get((stream.ptr, capacity))
            if free:
                buffer = free.pop()
                buffer.use(size)
                if not _queue.LAZY:
                    buffer.poison()()  # again: a graph may have written there
            else:
                buffer = Buffer(size, capacity)
                self._all.append(buffer)
        return MemoryPointer(PooledMemory(buffer, self, stream), 0)

    def _take_back(self, buffer, stream):
        # Only for who asks on the same stream, as in CuPy: its work comes after that until now.
        with _lock:
            buffer.use(buffer.capacity)
            _stream.prepare(buffer.poison(), stream)
            self._free.setdefault((stream.ptr, buffer.capacity), []).append(buffer)

    def free_all_blocks(self, stream=None):
        """Give everything that lies free back to the device."""
        with _lock:
            gone = {id(buffer) for free in self._free.values() for buffer in free}
            self._all = [buffer for buffer in self._all if id(buffer) not in gone]
            self._free.clear()

    def free_all_free(self):
        """Do the same by its old name."""
        self.free_all_blocks()

    def total_bytes(self):
        """Return how much the pool holds."""
        return sum(buffer.capacity for buffer in self._all)

    def free_bytes(self):
        """Return how much of it lies free."""
        return sum(capacity * len(free) for (_, capacity), free in self._free.items())

    def used_bytes(self):
        """Return how much of it is in use."""
        return self.total_bytes() - self.free_bytes()

    def n_free_blocks(self):
        """Return how many pieces lie free."""
        return sum(map(len, self._free.values()))

    def set_limit(self, size=None, fraction=None):
        """Remember a limit; it is not kept."""
        self._limit = size or 0

    def get_limit(self):
        """Return the limit."""
        return self._limit


class _Nothing:
    """The memory of an array without elements."""

    ptr = size = device_id = 0
    buffer = None


default_pool = MemoryPool()
_local = threading.local()
_allocator = default_pool.malloc


def alloc(size):
    """Return a :class:`MemoryPointer` from the current allocator."""
    stack = getattr(_local, "allocators", None)
    return (stack[-1] if stack else _allocator)(int(size))


def malloc(size):
    """Return memory from outside of the pools."""
    return MemoryPointer(Memory(size), 0)


def set_allocator(allocator=None):
    """Set the allocator of all threads; None takes memory from outside of the pools."""
    global _allocator
    if getattr(_local, "allocators", None):
        raise ValueError("Can't change the global allocator inside `using_allocator` block")
    _allocator = allocator or malloc


def get_allocator():
    """Return the current allocator."""
    stack = getattr(_local, "allocators", None)
    return stack[-1] if stack else _allocator


class using_allocator:
    """Use another allocator within a ``with``, in this thread."""

    def __init__(self, allocator=None):
        self._mine = allocator or malloc

    def __enter__(self):
        _local.__dict__.setdefault("allocators", []).append(self._mine)

    def __exit__(self, *error):
        _local.allocators.pop()
