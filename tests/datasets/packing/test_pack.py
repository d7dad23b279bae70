import subprocess
import sys
import zipfile

import numpy as np
import pytest

import illust_gan
from illust_gan.datasets import DatasetError, PackedDataset, pack
from tests.datasets.packing.drawings import drawing
from tests.datasets.packing.mixed import contents


def test_pictures_lie_in_the_order_of_their_names(few, tmp_path):
    drawing(10).save(few / "10.png")
    dataset = pack(few, tmp_path / "sets" / "few-32", 32)
    assert dataset.path == tmp_path / "sets" / "few-32.npy"
    assert [entry["file"] for entry in dataset.manifest["pictures"]] == [
        *(f"{i}.png" for i in range(4)),
        "10.png",
    ]
    for entry, pixels in zip(dataset.manifest["pictures"], dataset):
        np.testing.assert_array_equal(
            pixels, illust_gan.datasets.read_picture(few / entry["file"], 32)
        )


def test_each_picture_is_known_by_its_hashes_and_size(few, tmp_path):
    import hashlib

    import imagehash
    from PIL import Image

    dataset = pack(few, tmp_path / "few", 32)
    for entry, pixels in zip(dataset.manifest["pictures"], dataset):
        body = (few / entry["file"]).read_bytes()
        assert entry == {
            "file": entry["file"],
            "sha256": hashlib.sha256(body).hexdigest(),
            "pixels": hashlib.sha256(pixels).hexdigest(),
            "phash": str(imagehash.phash(Image.fromarray(pixels))),
            "width": 96,
            "height": 96,
        }
    assert dataset.manifest["sources"] == [{"folder": "few", "found": 4}]


def test_faults_are_left_out_and_counted(folder, packed, tmp_path):
    (tmp_path / "mixed.npy").write_bytes(packed[0])
    (tmp_path / "mixed.json").write_bytes(packed[1])
    dataset = PackedDataset(tmp_path / "mixed")
    words = [entry["word"] for entry in dataset.manifest["left_out"]]
    assert {word: words.count(word) for word in words} == {
        "duplicate": 3,
        "near-duplicate": 3,
        "damaged": 2,
        "small": 1,
        "format": 1,
    }
    assert len(dataset) == 90


@pytest.mark.parametrize("workers", [1, 3])
def test_the_bytes_do_not_depend_on_the_number_of_workers(folder, packed, tmp_path, workers):
    assert contents(pack(folder, tmp_path / "mixed", 64, workers=workers).path) == packed


def test_a_zip_and_a_list_give_the_same_pixels_as_the_folder(few, tmp_path):
    archive = tmp_path / "few.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in few.iterdir():
            zipped.write(path, path.name)
    names = tmp_path / "few.txt"
    names.write_text("".join(f"few/{i}.png\n" for i in range(4)))
    wanted = pack(few, tmp_path / "folder", 32).pixels
    for source in (archive, names):
        dataset = pack(source, tmp_path / source.suffix[1:], 32)
        np.testing.assert_array_equal(dataset.pixels, wanted)


def test_options_reach_the_pictures(few, tmp_path):
    drawing(7, 96, 48, "RGBA").save(few / "7.png")
    dataset = pack(few, tmp_path / "few", 32, fit="pad", background="#0000ff", min_size=40)
    assert dataset[-1][0, 0].tolist() == [0, 0, 255]
    assert pack(few, tmp_path / "some", 32, min_size=49).manifest["left_out"][0]["word"] == "small"


def test_duplicates_are_kept_on_demand(few, tmp_path):
    drawing(0).save(few / "copy.png")
    drawing(1).save(few / "nearly.jpg", quality=60)
    for duplicates, n in [("drop", 4), ("exact", 5), ("keep", 6)]:
        dataset = pack(few, tmp_path / duplicates, 64, duplicates=duplicates)
        assert len(dataset) == n, duplicates
    left_out = pack(few, tmp_path / "again", 64).manifest["left_out"]
    assert [(entry["file"], entry["word"], entry["like"]) for entry in left_out] == [
        ("copy.png", "duplicate", "0.png"),
        ("nearly.jpg", "near-duplicate", "1.png"),
    ]


def test_credits_are_in_the_manifest(few, tmp_path):
    dataset = pack(few, tmp_path / "few", 32, credits=["Drawn by me, CC BY 4.0"])
    assert dataset.manifest["credits"] == [{"text": "Drawn by me, CC BY 4.0"}]


def test_a_set_is_replaced_only_on_demand(few, tmp_path):
    pack(few, tmp_path / "few", 32)
    with pytest.raises(DatasetError, match=r"few\.npy exists already; give another name"):
        pack(few, tmp_path / "few", 16)
    assert pack(few, tmp_path / "few", 16, overwrite=True).size == 16
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few", "few.json", "few.npy"]


def test_nothing_fit_to_pack_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_text("not a picture")
    with pytest.raises(
        DatasetError,
        match=r"None of the pictures in \S+scans can be packed: 5 format \(0\.png: it is no PNG",
    ):
        pack(folder, tmp_path / "packed", 16)
    assert list(tmp_path.iterdir()) == [folder]


def test_names_in_messages_cannot_write_to_the_terminal(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "a\nb\x1b[2J.png").write_text("not a picture")
    with pytest.raises(DatasetError, match=r"1 format \(a\\nb\\x1b\[2J\.png: it is no PNG"):
        pack(folder, tmp_path / "packed", 16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size is 0; wanted 1 to 4096 pixels"),
        ({"fit": "squeeze"}, "fit is 'squeeze'; wanted one of crop, pad, stretch"),
        ({"near": 17}, "near is 17; wanted 0 to 16 bits"),
        ({"duplicates": "yes"}, "duplicates is 'yes'; wanted one of drop, exact, keep"),
        ({"background": "colourful"}, "--background"),
        ({"max_megapixels": 0}, "max_megapixels is 0; wanted 1 to 1000"),
        ({"debug_boxes": "boxes"}, "give faces"),
        ({"size": "64"}, "size is '64'; wanted 1 to 4096 pixels"),
        ({"near": 2.5}, "near is 2.5; wanted 0 to 16 bits, a whole number"),
        ({"min_size": -1}, "min_size is -1; wanted 0 or more pixels"),
        ({"workers": -1}, "workers is -1; wanted 1 to 1024 processes"),
        ({"credits": "me"}, "credits is 'me'; wanted a list of such texts"),
    ],
)
def test_options_out_of_range(few, tmp_path, options, message):
    with pytest.raises(DatasetError, match=message):
        pack(few, tmp_path / "packed", **options)
    assert list(tmp_path.iterdir()) == [few]


def test_numbers_of_numpy_are_numbers(few, tmp_path):
    options = {"near": np.uint8(3), "face_margin": np.float32(0.5), "min_size": np.int16(8)}
    dataset = pack(few, tmp_path / "set", np.int64(16), **options)
    assert dataset.size == 16
    assert dataset.manifest["settings"]["near"] == 3


def test_one_pixel_is_not_blank(few, tmp_path):
    assert pack(few, tmp_path / "set", 1, duplicates="keep").pixels.shape == (4, 1, 1, 3)


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_on_stderr_and_only_when_wanted(few, tmp_path, capsys, progress):
    (few / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    pack(few, tmp_path / "packed", 16, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("5/5" in err) == progress
    assert ("1 left out" in err) == progress


def test_a_script_needs_no_main_guard(few, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import illust_gan, sys\n"
        "print(len(illust_gan.pack(sys.argv[1], sys.argv[2], 32, workers=2)))\n"
    )
    done = subprocess.run(
        [sys.executable, script, few, tmp_path / "set"], capture_output=True, text=True
    )
    assert done.stdout == "4\n", done.stderr
