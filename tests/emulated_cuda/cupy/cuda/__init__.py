"""``cupy.cuda``: the device, its memory and its streams, emulated."""

from cupy._graph import Graph
from cupy._memory import (
    Memory,
    MemoryPointer,
    MemoryPool,
    UnownedMemory,
    alloc,
    get_allocator,
    set_allocator,
    using_allocator,
)
from cupy._stream import Event, Stream, get_current_stream, get_elapsed_time
from cupy.cuda import cublas, device, driver, memory, nvrtc, pinned_memory, runtime, stream
from cupy.cuda.device import Device, get_cublas_handle, get_device_id
from cupy.cuda.pinned_memory import (
    PinnedMemory,
    PinnedMemoryPointer,
    PinnedMemoryPool,
    alloc_pinned_memory,
    set_pinned_memory_allocator,
)


def is_available():
    """Tell whether there is a device."""
    return True


def get_local_runtime_version():
    """Return CUDA's version."""
    return runtime.runtimeGetVersion()
