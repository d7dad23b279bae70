import hashlib
import io
import json
import resource
import signal

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, write_packed

PIXELS = np.random.RandomState(0).randint(0, 256, (5, 4, 4, 3), np.uint8)


def write(out, pictures=PIXELS, **options):
    return write_packed(out, 4, pictures, **{"sources": [], "settings": {}, **options})


def test_the_pixels_are_what_numpy_would_have_saved(tmp_path):
    dataset = write(tmp_path / "faces.npy", iter(PIXELS))
    saved = io.BytesIO()
    np.save(saved, PIXELS)
    assert dataset.path.read_bytes() == saved.getvalue()
    np.testing.assert_array_equal(dataset.pixels, PIXELS)


def test_the_manifest_tells_all_that_was_given(tmp_path):
    about = {
        "sources": [{"folder": "scans"}],
        "settings": {"made_by": "hand"},
        "credits": [{"author": "A"}],
        "left_out": [{"file": "一.png", "reason": "it is cut short"}],
    }
    manifest = write(tmp_path / "faces", **about).manifest
    assert manifest == {
        "format": "illust-gan pictures",
        "format_version": 1,
        "name": "faces",
        "count": 5,
        "size": 4,
        "sha256": hashlib.sha256(PIXELS.tobytes()).hexdigest(),
        **about,
    }
    assert "一.png" in (tmp_path / "faces.json").read_text("utf-8")


def test_names_that_are_no_utf8_survive_in_the_manifest(tmp_path):
    left_out = [{"file": "caf\udce9.png", "reason": "it is cut short"}]
    assert write(tmp_path / "faces", left_out=left_out).manifest["left_out"] == left_out


def test_the_same_pictures_give_the_same_bytes_anywhere(tmp_path):
    first = write(tmp_path / "here" / "faces")
    second = write(tmp_path / "there" / "deeper" / "faces")
    for ending in (".npy", ".json"):
        one, other = (d.path.with_suffix(ending).read_bytes() for d in (first, second))
        assert one == other
    assert str(tmp_path) not in json.dumps(first.manifest)


def test_what_the_generator_adds_at_its_end_is_in_the_manifest(tmp_path):
    sources = []

    def pictures():
        yield PIXELS[0]
        sources.append("late")

    assert write(tmp_path / "faces", pictures(), sources=sources).manifest["sources"] == ["late"]


@pytest.mark.parametrize("taken", ["faces.npy", "faces.json"])
def test_a_taken_name_is_refused_before_any_work(tmp_path, taken):
    (tmp_path / taken).write_text("precious")

    def pictures():
        pytest.fail("a picture was asked for")
        yield

    with pytest.raises(DatasetError, match=rf"{taken} exists already; .* --force .*overwrite=True"):
        write(tmp_path / "faces", pictures())
    assert (tmp_path / taken).read_text() == "precious"


def test_overwriting_replaces_both_files(tmp_path):
    write(tmp_path / "faces", sources=["old"])
    dataset = write(tmp_path / "faces", PIXELS[:2], sources=["new"], overwrite=True)
    assert len(PackedDataset(dataset.path)) == 2
    assert dataset.manifest["sources"] == ["new"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, DatasetError])
@pytest.mark.parametrize("before", [False, True])
def test_an_interruption_leaves_things_as_they_were(tmp_path, interruption, before):
    if before:
        write(tmp_path / "faces")
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def pictures():
        yield PIXELS[0]
        raise interruption

    with pytest.raises(interruption):
        write(tmp_path / "faces", pictures(), overwrite=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    pictures = (np.zeros((64, 64, 3), np.uint8) for _ in range(100))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with pytest.raises(DatasetError, match=r"could not write .*faces\.npy: .*; make room"):
            write_packed(tmp_path / "faces", 64, pictures, sources=[], settings={})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, -1, 4097])
def test_sizes_out_of_range(tmp_path, size):
    with pytest.raises(DatasetError, match=f"size is {size}; wanted 1 to 4096 pixels"):
        write_packed(tmp_path / "faces", size, [], sources=[], settings={})


def test_a_maker_that_yields_the_wrong_thing_is_a_bug_and_told(tmp_path):
    with pytest.raises(ValueError, match=r"picture 1 is uint8 of shape \(5, 4, 3\); wanted"):
        write(tmp_path / "faces", [PIXELS[0], np.zeros((5, 4, 3), np.uint8)])
    with pytest.raises(ValueError, match="no picture"):
        write(tmp_path / "faces", [])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("taken", ["a.npy", "a.json"])
def test_a_folder_is_never_replaced(tmp_path, taken):
    (tmp_path / taken).mkdir()
    with pytest.raises(DatasetError, match=rf"{taken} is a folder; give another name"):
        write_packed(tmp_path / "a", 4, [], sources=[], settings={}, overwrite=True)
    assert (tmp_path / taken).is_dir()
