"""What two snapshots of one run, broken off or not, must have in common: everything but times."""

import json

import numpy as np

from illust_gan.compat.npz_reader import NpzReader

_LOG = "extensions/LogReport/_log"
# Measured by the clock, these differ between any two runs.
_TIMES_IN_LOG = ("elapsed_time", "remaining_time")
_TIMES = ("_snapshot_elapsed_time",)


def read_arrays(file):
    """Return all arrays of a snapshot by name."""
    with NpzReader(file) as npz:
        return {name: npz[name] for name in npz.files}


def losses(text):
    """Return a log's entries without the times in them."""
    entries = json.loads(str(text))
    return [{k: v for k, v in e.items() if k not in _TIMES_IN_LOG} for e in entries]


def assert_same_snapshot(a, b):
    """Compare all that two snapshots hold, to the bit, save for the times in them."""
    a, b = read_arrays(a), read_arrays(b)
    assert a.keys() == b.keys()
    assert len(a) > 80
    assert losses(a.pop(_LOG)) == losses(b.pop(_LOG))
    for name in a.keys() - set(_TIMES):
        assert a[name].dtype == b[name].dtype, name
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
