"""Reads an HDF5 file in a process of its own: ``python -m illust_gan.serializers.hdf5_child FILE``.

The HDF5 library is large, written in C and made for files that one trusts; a damaged file can crash
it, keep it busy for ever or let it ask for all memory. Here it may: this process is limited in
time and memory, looks at what the file declares before it reads an array, and hands the arrays on
as an uncompressed ``.npz`` on stdout. What it refuses it says in a line on stderr.
"""

import datetime
import itertools
import math
import os
import signal
import sys

import numpy as np

from illust_gan.errors import printable

MAX_ARRAY = 266 * 10**6
MAX_TOTAL = 300 * 10**6
_MAX_OBJECTS = 4096
_MAX_DEPTH = 16
_MEMORY = 2**30
# Deflate shrinks to a 1032nd at best (zlib's technical details).
_MAX_RATIO = 1032
# Deflate, shuffle and fletcher32 (H5Zpublic.h). Any other would be loaded from a file as code.
_FILTERS = {1, 2, 3}
REFUSED = 3


class _RefusedError(Exception):
    """What the file holds cannot be read without danger."""


def _arrays(file):
    """Read all arrays of an open file, as a dict from names to NumPy arrays."""
    import h5py

    arrays, dates = {}, []
    total = seen = 0
    pending = [("", file, 0)]
    while pending:
        prefix, group, depth = pending.pop()
        for key in group:
            seen += 1
            name = prefix + key
            if seen > _MAX_OBJECTS or depth > _MAX_DEPTH:
                raise _RefusedError("it holds more, or deeper nested, objects than any snapshot")
            if key in (".", ".."):
                raise _RefusedError(f"its object {name} points out of its group")
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise _RefusedError(f"its object {name} is a link to another place or file")
            item = group[key]
            if isinstance(item, h5py.Group):
                pending.append((name + "/", item, depth + 1))
            elif isinstance(item, h5py.Dataset):
                total += _size(name, item)
                if total > MAX_TOTAL:
                    raise _RefusedError(f"its arrays have more than {MAX_TOTAL} bytes")
                arrays[name] = _read(item)
                dates.append(h5py.h5g.get_objinfo(item.id).mtime)
            else:
                raise _RefusedError(f"its object {name} is neither a group nor an array")
    return arrays, dates


def _size(name, dataset):
    """Return the bytes of an array, after a look at all that the file declares of it."""
    import h5py

    if dataset.shape is None:
        return 0
    text = h5py.check_string_dtype(dataset.dtype)
    if dataset.dtype.kind not in "biufS" and not (text and dataset.size == 1):
        raise _RefusedError(f"its array {name} is {dataset.dtype}, which no snapshot holds")
    if not (text or dataset.id.get_type() == h5py.h5t.py_create(dataset.dtype, logical=True)):
        raise _RefusedError(f"its array {name} is of an unusual type")
    plist = dataset.id.get_create_plist()
    if dataset.external or dataset.is_virtual:
        raise _RefusedError(f"its array {name} lies in another file")
    filters = {plist.get_filter(i)[0] for i in range(plist.get_nfilters())}
    if not filters <= _FILTERS:
        raise _RefusedError(f"its array {name} is compressed in another way than Chainer's")
    size = math.prod(dataset.shape) * dataset.dtype.itemsize
    if dataset.chunks and any(c > max(n, 1) for c, n in zip(dataset.chunks, dataset.shape)):
        raise _RefusedError(f"its array {name} has chunks larger than itself")
    if size > min(MAX_ARRAY, _MAX_RATIO * dataset.id.get_storage_size() + 1000):
        raise _RefusedError(f"its array {name} promises {size} bytes, more than it can hold")
    if dataset.chunks and size:
        _check_chunks(name, dataset)
    return size


def _check_chunks(name, dataset):
    """Refuse an array with a chunk missing, displaced or uncompressed by mistake.

    HDF5 would fill the gap with zeros and say nothing: of these older files' directories it keeps
    no checksum, while deflate has one of each chunk's contents.
    """
    found, masks = set(), set()

    def note(info):
        found.add(info.chunk_offset)
        masks.add(info.filter_mask)

    dataset.id.chunk_iter(note)
    grid = [range(0, n, chunk) for n, chunk in zip(dataset.shape, dataset.chunks)]
    if masks != {0} or found != set(itertools.product(*grid)):
        raise _RefusedError(f"its array {name} is not whole")


def _read(dataset):
    if dataset.shape is None:
        return np.asarray(None)
    value = dataset[()]
    if dataset.dtype.kind in "OS":
        # Chainer's text, as h5py gives it: bytes of UTF-8.
        text = np.asarray(value).reshape(-1)[0] if np.size(value) == 1 else b""
        return np.asarray(text.decode("utf-8") if isinstance(text, bytes) else str(text))
    return np.asarray(value)


def _limit(seconds):
    """Limit memory, and time from here on, whatever the imports took; gzip gives 100 MB a second.

    Windows has neither limit; there the file is only looked at before it is read.
    """
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    memory = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main(path):
    """Write the arrays of ``path`` to stdout and return the exit code."""
    import h5py

    _limit(seconds=1.2 + os.path.getsize(path) / 2e7)
    try:
        with h5py.File(path, "r") as file:
            arrays, dates = _arrays(file)
    except _RefusedError as error:
        print(printable(str(error), 300), file=sys.stderr)
        return REFUSED
    np.savez(sys.stdout.buffer, **arrays)
    sys.stdout.flush()
    if dates and all(dates):
        for date in (min(dates), max(dates)):
            print(datetime.datetime.fromtimestamp(date, datetime.UTC).date(), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
