"""``cupy.cuda.memory``."""

from cupy._buffer import OutOfMemoryError
from cupy._memory import (
    Memory,
    MemoryPointer,
    MemoryPool,
    PooledMemory,
    UnownedMemory,
    alloc,
    malloc,
    set_allocator,
    using_allocator,
)
