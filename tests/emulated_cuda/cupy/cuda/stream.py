"""``cupy.cuda.stream``."""

from cupy import _stream
from cupy._stream import Event, Stream, get_current_stream, get_elapsed_time


def synchronisations():
    """Return how often the host has waited for the device. CuPy has no such function."""
    return _stream.synchronisations
