"""``cupy.cuda.runtime``: as much of CUDA's C functions as is called by name."""

import ctypes

import numpy as np

from cupy import _buffer, _pinned, _queue, _stream
from cupy._errors import CUDARuntimeError as CUDARuntimeError

memcpyHostToHost, memcpyHostToDevice, memcpyDeviceToHost = 0, 1, 2
memcpyDeviceToDevice, memcpyDefault = 3, 4
streamDefault, streamNonBlocking = 0, 1
streamLegacy, streamPerThread = 1, 2
streamCaptureModeGlobal, streamCaptureModeThreadLocal = 0, 1
streamCaptureModeRelaxed = 2
eventDefault, eventBlockingSync, eventDisableTiming = 0, 1, 2
is_hip = False


def getDeviceCount():
    """Return 1."""
    return 1


def getDevice():
    """Return 0."""
    return 0


def setDevice(number):
    """Do nothing for device 0."""
    if number != 0:
        raise CUDARuntimeError("cudaErrorInvalidDevice")


def getDeviceProperties(number):
    """Return what the rest of the code asks of a device."""
    setDevice(number)
    return {
        "name": b"Emulated GPU",
        "major": 9,
        "minor": 0,
        "multiProcessorCount": 4,
        "totalGlobalMem": _buffer.TOTAL,
        "maxThreadsPerBlock": 1024,
        "warpSize": 32,
        "l2CacheSize": 1 << 20,
        "sharedMemPerBlock": 48 << 10,
        "clockRate": 1000000,
        "memoryClockRate": 1000000,
        "memoryBusWidth": 64,
        "maxGridSize": (2**31 - 1, 65535, 65535),
        "maxThreadsDim": (1024, 1024, 64),
    }


def memGetInfo():
    """Return the free and the whole memory in bytes."""
    return _buffer.TOTAL - _buffer.used_bytes(), _buffer.TOTAL


def runtimeGetVersion():
    """Return CUDA's version."""
    return 13000


driverGetVersion = runtimeGetVersion


def deviceSynchronize():
    """Wait for all streams."""
    if any(stream.recording is not None for stream in list(_stream._streams.values())):
        raise CUDARuntimeError("cudaErrorStreamCaptureUnsupported")
    _stream.count_synchronisation()
    _queue.run_all()


def streamIsCapturing(ptr):
    """Tell whether the stream with this handle captures."""
    return _stream.of_ptr(ptr).recording is not None


def streamSynchronize(ptr):
    """Wait for the stream with this handle."""
    _stream.of_ptr(ptr).synchronize()


def _bytes(ptr, size, on_device):
    """Return memory as a NumPy array, and its buffer if it is the device's."""
    buffer = _buffer.find(ptr)
    if buffer is None and not on_device:
        return np.ctypeslib.as_array((ctypes.c_ubyte * size).from_address(ptr)), None
    if buffer is None or ptr + size > buffer.ptr + buffer.size:
        raise CUDARuntimeError("cudaErrorInvalidValue")
    return buffer.bytes[ptr - buffer.ptr :][:size], buffer


def memcpyAsync(dst, src, size, kind, stream):
    """Copy bytes; between host and device no capture takes them, as with memory not pinned."""
    target, buffer = _bytes(dst, size, kind in (memcpyHostToDevice, memcpyDeviceToDevice))
    origin, other = _bytes(src, size, kind in (memcpyDeviceToHost, memcpyDeviceToDevice))
    if buffer is None or other is None:
        _stream.refuse_in_capture("transfers", _stream.of_ptr(stream))
    if other is None:
        origin = _pinned.source(origin)
    stream = _stream.of_ptr(stream)
    _stream.submit(lambda: np.copyto(target, origin), [buffer, other], stream)
    if buffer is None and not _pinned.holds(target):
        _stream.wait_for_results(stream)


def memcpy(dst, src, size, kind):
    """Copy bytes and wait."""
    _stream.refuse_in_capture("synchronous API calls")
    memcpyAsync(dst, src, size, kind, 0)
    _stream.wait_for_results(_stream.Stream.null)


def memsetAsync(ptr, value, size, stream):
    """Set bytes."""
    target, buffer = _bytes(ptr, size, True)
    _stream.submit(lambda: target.fill(value), [buffer], _stream.of_ptr(stream))


def profilerStart():
    """Do nothing."""


def profilerStop():
    """Do nothing."""
