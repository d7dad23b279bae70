"""How much memory and time a picture may take."""

import contextlib
import resource
import signal

LARGE = 4_000_000
"""Pixels from which on a picture asks before it is decoded, so that few such are at a time."""

SECONDS = 120
"""Seconds of computing after which a picture is given up. 64 megapixels of PNG take five."""

# Pillow has 4 bytes a pixel in every mode of colours; turning or converting makes another picture
# beside the first, and its WebP decoder takes 16 at its worst.
_BYTES_PER_PIXEL = 20
_BESIDES = 2**28


def limit_memory(max_pixels):
    """Limit the memory of this process to what it has now and one picture more.

    Args:
        max_pixels (int): Pixels of the largest picture that is decoded.
    """
    with open("/proc/self/statm", encoding="ascii") as f:
        present = int(f.read().split()[0]) * resource.getpagesize()
    wanted = present + max_pixels * _BYTES_PER_PIXEL + _BESIDES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


@contextlib.contextmanager
def limited_time(seconds):
    """End this process by SIGPROF if what is done inside takes more seconds of computing.

    Args:
        seconds (float): Of both the process and the system on its behalf; waiting is free.
    """
    # Left to its default, the signal ends the process even inside a decoder that never returns.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
