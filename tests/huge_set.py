"""A data set larger than any memory, which takes next to no room on the disk."""

import json
import os

import numpy as np

from illust_gan.datasets import write_packed


def write_huge_set(path, size=64, n_bytes=2**40):
    """Write a packed set whose pixels are one hole in a sparse file, and return its path."""
    picture = np.zeros((size, size, 3), np.uint8)
    path = write_packed(path, size, [picture], sources=[], settings={}).path
    count = n_bytes // picture.nbytes
    with open(path, "r+b") as f:
        np.lib.format.write_array_header_1_0(
            f, {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 3)}
        )
        os.truncate(path, f.tell() + count * picture.nbytes)
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "count": count}))
    return path
