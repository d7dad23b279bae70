"""Addresses in device memory, and copies between them and the host."""

import ctypes

import numpy as np

from cupy import _pinned, _stream
from cupy._buffer import OutOfBoundsError


class MemoryPointer:
    """An address in some memory.

    Attributes:
        ptr (int): The address.
        mem: The memory, kept alive.
    """

    device_id = 0

    def __init__(self, mem, offset):
        self.mem, self.ptr = mem, mem.ptr + offset

    def __int__(self):
        return self.ptr

    def __add__(self, offset):
        return MemoryPointer(self.mem, self.ptr - self.mem.ptr + offset)

    def __sub__(self, offset):
        return self + -offset

    def bytes(self, size):
        """Return ``size`` bytes from here, as a NumPy array that is the memory itself."""
        buffer = self.mem.buffer
        offset = self.ptr - buffer.ptr
        if offset < 0 or offset + size > buffer.size:
            raise OutOfBoundsError(
                f"{size} bytes at {offset} lie outside of memory of {buffer.size} bytes"
            )
        return buffer.bytes[offset : offset + size]

    def memset_async(self, value, size, stream=None):
        """Fill ``size`` bytes with one value."""
        target = self.bytes(size)
        _stream.submit(lambda: target.fill(value), [self.mem.buffer], stream)

    def copy_from_device_async(self, src, size, stream=None):
        """Copy ``size`` bytes from another pointer."""
        target, origin = self.bytes(size), src.bytes(size)
        buffers = [self.mem.buffer, src.mem.buffer]
        _stream.submit(lambda: np.copyto(target, origin), buffers, stream)

    def copy_from_host_async(self, mem, size, stream=None):
        """Copy ``size`` bytes from an address of the host."""
        _stream.refuse_in_capture("H2D transfers", stream)
        target, origin = self.bytes(size), _pinned.source(_host_bytes(mem, size))
        _stream.submit(lambda: np.copyto(target, origin), [self.mem.buffer], stream)

    def copy_to_host_async(self, mem, size, stream=None):
        """Copy ``size`` bytes to an address of the host."""
        _stream.refuse_in_capture("D2H transfers", stream)
        origin, target = self.bytes(size), _host_bytes(mem, size)
        _stream.submit(lambda: np.copyto(target, origin), [self.mem.buffer], stream)
        if not _pinned.holds(target):
            _stream.wait_for_results(stream)

    def copy_from_async(self, mem, size, stream=None):
        """Copy ``size`` bytes from another pointer or from an address of the host."""
        if isinstance(mem, MemoryPointer):
            self.copy_from_device_async(mem, size, stream)
        else:
            self.copy_from_host_async(mem, size, stream)

    def memset(self, value, size):
        """As :meth:`memset_async`, but a capture refuses it."""
        _stream.refuse_in_capture("synchronous API calls")
        self.memset_async(value, size)

    def copy_from_device(self, src, size):
        """As :meth:`copy_from_device_async`, but a capture refuses it."""
        _stream.refuse_in_capture("synchronous API calls")
        self.copy_from_device_async(src, size)

    def copy_from_host(self, mem, size):
        """As :meth:`copy_from_host_async`, but a capture refuses it, and the host waits."""
        _stream.refuse_in_capture("synchronous API calls")
        self.copy_from_host_async(mem, size)
        _stream.wait_for_results()

    def copy_to_host(self, mem, size):
        """As :meth:`copy_to_host_async`, but a capture refuses it, and the host waits."""
        _stream.refuse_in_capture("synchronous API calls")
        self.copy_to_host_async(mem, size)
        _stream.wait_for_results()

    def copy_from(self, mem, size):
        """As :meth:`copy_from_async`, but a capture refuses it, and the host waits."""
        _stream.refuse_in_capture("synchronous API calls")
        self.copy_from_async(mem, size)
        _stream.wait_for_results()


def _host_bytes(mem, size):
    address = mem if isinstance(mem, int) else mem.value
    return np.ctypeslib.as_array((ctypes.c_ubyte * size).from_address(address))
