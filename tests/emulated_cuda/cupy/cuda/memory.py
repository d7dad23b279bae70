"""``cupy.cuda.memory``."""

from cupy._memory import (
    Memory,
    MemoryPointer,
    MemoryPool,
    OutOfBoundsError,
    PooledMemory,
    UnownedMemory,
    alloc,
    malloc,
    set_allocator,
    using_allocator,
)
