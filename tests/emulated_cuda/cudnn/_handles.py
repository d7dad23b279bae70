"""cuDNN's handles, and the streams they stand for."""

import itertools

_numbers = itertools.count(0x7F0000, 0x100)
_streams = {}


def create_handle():
    """Return a new handle, on the null stream."""
    handle = next(_numbers)
    _streams[handle] = 0
    return handle


def destroy_handle(handle):
    """End a handle."""
    _check(handle)
    del _streams[handle]


def set_stream(handle, stream):
    """Let a handle's work be done on the stream with some address."""
    _check(handle)
    if type(stream) is not int:
        raise TypeError("set_stream(): incompatible function arguments")
    _streams[handle] = stream


def get_stream(handle):
    """Return the address of a handle's stream."""
    _check(handle)
    return _streams[handle]


def _check(handle):
    if handle not in _streams:
        raise RuntimeError("CUDNN_STATUS_BAD_PARAM: no handle")
