import json
import os

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, write_packed

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)


@pytest.fixture
def path(tmp_path):
    return write_packed(tmp_path / "faces", 4, PIXELS, sources=["noise"], settings={}).path


def rewrite_manifest(path, **changes):
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"PK\3\4 a zip archive", b"\x80\4N."])
def test_a_file_that_only_has_the_name(path, content):
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"faces\.npy is no NumPy file of .* pack the pictures"):
        PackedDataset(path)


@pytest.mark.parametrize("header", ["{", "{'a': 1, 2: 3}", "{[]: 1}", '"', "(" * 9000, "[]", "\0"])
def test_a_damaged_header(path, header):
    length = len(header).to_bytes(2, "little")
    path.write_bytes(b"\x93NUMPY\1\0" + length + header.encode())
    with pytest.raises(DatasetError, match=r"faces\.npy is no NumPy file of .* header is damaged"):
        PackedDataset(path)


def test_a_header_with_negative_lengths(path):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (10, -4, -4, 3)}"
    path.write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode())
    with pytest.raises(DatasetError, match=r"holds uint8 of shape \(10, -4, -4, 3\) .*; wanted"):
        PackedDataset(path)


def test_a_pickle_inside_is_never_loaded(path):
    np.save(path, np.array([print, "object"], dtype=object))
    with pytest.raises(DatasetError, match=r"holds object of shape \(2,\)"):
        PackedDataset(path)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((2, 4, 6, 3), np.uint8),
        np.zeros((2, 3, 4, 4), np.uint8),
        np.zeros((0, 4, 4, 3), np.uint8),
        np.asfortranarray(np.zeros((2, 4, 4, 3), np.uint8)),
    ],
)
def test_an_array_of_another_kind(path, array):
    np.save(path, array)
    with pytest.raises(
        DatasetError, match=r"faces\.npy holds .* order; wanted uint8 of shape \(N, size, size, 3\)"
    ):
        PackedDataset(path)


def test_an_array_of_a_later_numpy_format(path):
    with open(path, "wb") as f:
        np.lib.format.write_array(f, PIXELS, version=(2, 0))
    with pytest.raises(
        DatasetError, match=r"no NumPy file of version 1\.0, or .*\(its version is 2\.0\)"
    ):
        PackedDataset(path)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_cut_short_or_too_long(path, change):
    os.truncate(path, path.stat().st_size + change)
    with pytest.raises(DatasetError, match=r"has 60\d bytes and .* 608: it was cut short or"):
        PackedDataset(path)


def test_a_header_that_claims_more_than_memory_holds(path):
    with open(path, "wb") as f:
        shape = (2**62, 2**31, 2**31, 3)
        np.lib.format.write_array_header_1_0(
            f, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )
    with pytest.raises(DatasetError, match="cut short"):
        PackedDataset(path)


def test_a_missing_manifest(path):
    path.with_suffix(".json").unlink()
    with pytest.raises(DatasetError, match=r"no manifest .*faces\.json beside its pixels; copy"):
        PackedDataset(path)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '"\xff"'])
def test_a_manifest_that_is_no_json(path, text):
    path.with_suffix(".json").write_text(text, encoding="latin-1")
    with pytest.raises(DatasetError, match=r"faces\.json is no JSON \("):
        PackedDataset(path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "other"}'])
def test_the_manifest_of_something_else(path, text):
    path.with_suffix(".json").write_text(text)
    with pytest.raises(DatasetError, match=r"faces\.json is not the manifest of a packed data set"):
        PackedDataset(path)


def test_a_manifest_of_a_later_version(path):
    rewrite_manifest(path, format_version=2)
    with pytest.raises(DatasetError, match="format version 2; this illust-gan reads version 1"):
        PackedDataset(path)


@pytest.mark.parametrize("change", [{"count": 11}, {"size": 5}, {"size": None}])
def test_a_manifest_of_other_pixels(path, change):
    rewrite_manifest(path, **change)
    with pytest.raises(
        DatasetError, match=r"tells of 1\d pictures .* but its pixels are 10 of size 4"
    ):
        PackedDataset(path)
