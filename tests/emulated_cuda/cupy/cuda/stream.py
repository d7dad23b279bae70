"""``cupy.cuda.stream``."""

from cupy._stream import Event, Stream, get_current_stream, get_elapsed_time
