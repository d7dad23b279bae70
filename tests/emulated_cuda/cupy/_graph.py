"""What a stream recorded, and doing it again."""

import functools
import weakref

from cupy import _buffer
from cupy._errors import CUDARuntimeError


class Recording:
    """Work that one stream, and those that joined it, were given while capturing."""

    def __init__(self, origin):
        self._origin, self._joined, self._valid = origin, [], True
        self._unawaited = set()  # handles of joined streams that were given work
        self._work, self._buffers = [], {}

    def add(self, work, buffers, stream):
        """Record one piece of work and the memory that it needs."""
        self._work.append(work)
        for buffer in buffers:
            if buffer is not None:
                self._buffers[id(buffer)] = weakref.ref(buffer)
        if stream is not self._origin:
            self._unawaited.add(stream.ptr)

    def join(self, stream):
        """Let another stream record here too."""
        stream.recording = self
        self._joined.append(stream)
        self._unawaited.add(stream.ptr)

    def wait_for(self, stream):
        """Note that the work of a stream that joined is waited for."""
        self._unawaited.discard(stream.ptr)

    def invalidate(self):
        """Note that something happened which a capture does not survive."""
        self._valid = False

    def finish(self, stream):
        """Return the :class:`Graph`."""
        if stream is not self._origin:
            stream.recording = self
            raise CUDARuntimeError("cudaErrorStreamCaptureUnmatched")
        for other in self._joined:
            other.recording = None
        if not self._valid:
            raise CUDARuntimeError("cudaErrorStreamCaptureInvalidated")
        if self._unawaited:
            raise CUDARuntimeError("cudaErrorStreamCaptureUnjoined")
        graph = Graph.__new__(Graph)
        graph._work, graph._buffers = self._work, list(self._buffers.values())
        return graph


class Graph:
    """Recorded work. Like CUDA's, it has addresses and does not keep their memory alive."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(
            "currently this class cannot be initiated by the user and must be created via "
            "stream capture"
        )

    def launch(self, stream=None):
        """Do the work again, on whatever now lies at its addresses."""
        from cupy import _stream

        buffers = [buffer() for buffer in self._buffers]
        if None in buffers:
            # The real device would read and write memory that is no longer the graph's.
            raise CUDARuntimeError("cudaErrorIllegalAddress: a graph's memory is gone")
        _stream.submit(functools.partial(_replay, self._work, buffers), buffers, stream)

    def upload(self, stream=None):
        """Do nothing: there is nowhere to upload to."""


def _replay(work, buffers):
    _buffer.replaying = True
    try:
        for piece in work:
            piece()
    finally:
        _buffer.replaying = False
        for buffer in buffers:
            buffer.mend()
