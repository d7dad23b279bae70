"""Streams and events: work is done, or put into a queue, or recorded while its stream captures."""

import itertools
import threading
import time
import weakref

from cupy import _graph, _queue
from cupy._errors import CUDARuntimeError

_numbers = itertools.count(0x1000, 0x10)
_local = threading.local()
_streams = weakref.WeakValueDictionary()
synchronisations = 0  # how often the host has waited for the device


class Stream:
    """A stream.

    Args:
        null (bool): The null stream, which waits for all others and they for it.
        non_blocking (bool): A stream which the null stream does not wait for.
        ptds (bool): The null stream of this thread, not distinguished here.
        priority (int): Ignored.
    """

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.ptr = 0 if null else 2 if ptds else next(_numbers)
        self.device_id = -1 if null or ptds else 0
        self.is_non_blocking = bool(non_blocking) and not (null or ptds)
        self.recording = None  # a _graph.Recording, while capturing
        if self.ptr not in _streams:
            _streams[self.ptr] = self

    def __eq__(self, other):
        return isinstance(other, Stream) and self.ptr == other.ptr

    def __hash__(self):
        return self.ptr

    def __repr__(self):
        return f"<Stream {self.ptr} (device {self.device_id})>"

    def __enter__(self):
        _stack().append(self)
        return self

    def __exit__(self, *error):
        _stack().pop()

    def use(self):
        """Make this the current stream."""
        _stack()[-1] = self
        return self

    @classmethod
    def from_external(cls, stream):
        """Return the stream that another library's object stands for."""
        return of_ptr(stream.__cuda_stream__()[1])

    def __cuda_stream__(self):
        return 0, self.ptr

    def launch_host_func(self, callback, arg):
        """Call a function of the host's after the work until now."""
        submit(lambda: callback(arg), [], self)

    @property
    def done(self):
        """Whether all work is done."""
        return _queue.of(self).is_empty()

    def synchronize(self):
        """Wait for the stream; a capture does not allow it."""
        if self.recording is not None:
            self.recording.invalidate()
            raise CUDARuntimeError("cudaErrorStreamCaptureUnsupported")
        count_synchronisation()
        _queue.of(self).run()

    def begin_capture(self, mode=None):
        """Begin to record work instead of doing it."""
        if self.ptr in (0, 1):
            raise RuntimeError("cannot capture on the default (legacy) stream")
        if self.recording is not None:
            raise CUDARuntimeError("cudaErrorIllegalState")
        self.recording = _graph.Recording(self)

    def end_capture(self):
        """Return what was recorded, as a :class:`cupy.cuda.Graph`."""
        if self.recording is None:
            raise CUDARuntimeError("cudaErrorIllegalState")
        recording, self.recording = self.recording, None
        return recording.finish(self)

    def is_capturing(self):
        """Tell whether work is being recorded."""
        return self.recording is not None

    def record(self, event=None):
        """Record an event, a new one by default, and return it."""
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event):
        """Wait for an event; it draws this stream into the event's capture."""
        if event.recording is not None and self.recording is None:
            event.recording.join(self)
        elif event.recording is not self.recording:
            raise CUDARuntimeError("cudaErrorStreamCaptureIsolation")
        elif self.recording is not None:
            self.recording.wait_for(event.stream)
        elif event.mark is not None:
            _queue.of(self).put(event.mark.wait)


class Event:
    """A point in a stream's work, and a time."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self.ptr = next(_numbers)
        self.recording = self.stream = self.time = self.mark = None

    @property
    def done(self):
        """Whether it has happened; who asks is told so the next time at the latest."""
        if self.mark is None or self.mark.is_reached:
            return True
        self.mark.wait()
        return False

    def record(self, stream=None):
        """Happen after what the stream has been given until now."""
        self.stream = stream or get_current_stream()
        self.recording = self.stream.recording
        if self.recording is None:
            _queue.keep_order_with_null(self.stream)
            _queue.of(self.stream).put(self._happen)
            self.mark = _queue.of(self.stream).mark()
            if not _queue.LAZY:
                self.mark.wait()

    def _happen(self):
        self.time = time.perf_counter()

    def synchronize(self):
        """Wait for the event."""
        if self.recording is not None:
            raise CUDARuntimeError("cudaErrorCapturedEvent")
        count_synchronisation()
        if self.mark is not None:
            self.mark.wait()


def get_elapsed_time(start, end):
    """Return the milliseconds between two events."""
    if not (start.time and end.time) or start.recording or end.recording:
        raise CUDARuntimeError("cudaErrorInvalidResourceHandle")
    return (end.time - start.time) * 1000


def _stack():
    return _local.__dict__.setdefault("stack", [Stream.null])


def get_current_stream(device_id=-1):
    """Return this thread's current stream."""
    return _stack()[-1]


def of_ptr(ptr):
    """Return the stream with some handle."""
    if ptr not in _streams:
        raise CUDARuntimeError("cudaErrorInvalidResourceHandle")
    return _streams[ptr]


def count_synchronisation():
    """Count that the host has waited for the device."""
    global synchronisations
    synchronisations += 1


def submit(work, buffers, stream=None):
    """Let some work be done, or record it if the stream captures.

    Args:
        work (callable): Reads and writes device memory, always at the same addresses.
        buffers (iterable): The :class:`_memory.Buffer` of these, to be checked at replay.
        stream: Default: the current one.
    """
    stream = of_ptr((stream or get_current_stream()).ptr)
    if stream.recording is not None:
        stream.recording.add(work, buffers, stream)
        return
    if stream.ptr == 0:
        for other in list(_streams.values()):
            if other.recording is not None and not other.is_non_blocking:
                other.recording.invalidate()
                raise CUDARuntimeError("cudaErrorStreamCaptureImplicit")
    if _queue.LAZY:
        _queue.keep_order_with_null(stream)
        _queue.of(stream).put(work, buffers)
        _queue.of(stream).relieve()
        return
    with _queue.lock:  # kernels' shared memory is static
        work()


def is_done_at_once():
    """Tell whether submitted work is done on return."""
    return not _queue.LAZY and get_current_stream().recording is None


def prepare(work, stream):
    """Let the emulation's own work be done in a stream's order; no recording sees it."""
    if _queue.LAZY:
        _queue.keep_order_with_null(stream)
        _queue.of(stream).put(work)
    else:
        work()


def wait_for_results(stream=None):
    """Let the host wait for a stream's work, which no capture allows."""
    refuse_in_capture("synchronous API calls", stream)
    count_synchronisation()
    _queue.of(stream or get_current_stream()).run()


def refuse_in_capture(what, stream=None):
    """Raise as CuPy does for what it forbids while a stream captures."""
    if (stream or get_current_stream()).recording is not None:
        raise RuntimeError(f"the current stream is capturing, so {what} are disallowed")


def refuse_library_in_capture(library):
    """Raise as CuPy does for libraries of NVIDIA's that it does not let capture."""
    if get_current_stream().recording is not None:
        raise NotImplementedError(
            f"calling {library} API during stream capture is currently unsupported"
        )


Stream.null = Stream(null=True)
Stream.ptds = Stream(ptds=True)
