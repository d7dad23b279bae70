import shutil
import unicodedata
import zipfile

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, check, pack
from tests.datasets.packing.drawings import drawing
from tests.datasets.packing.mixed import contents
from tests.datasets.packing.test_unfinished import Interrupting


def draw(folder, *names):
    """Draw a different picture for each name."""
    for seed, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        drawing(seed).save(folder / name)


def labels_of(dataset):
    """Return the name of the label of each file."""
    files = [entry["file"] for entry in dataset.manifest["pictures"]]
    return dict(zip(files, (dataset.label_names[i] for i in dataset.labels)))


@pytest.fixture
def pets(tmp_path):
    folder = tmp_path / "pets"
    draw(folder, "cat/1.png", "cat/2.png", "dog/1.png", "10/deep/deeper/1.png", "9/1.png")
    return folder


NAMES = {
    "9/1.png": "9",
    "10/deep/deeper/1.png": "10",
    "cat/1.png": "cat",
    "cat/2.png": "cat",
    "dog/1.png": "dog",
}


def test_the_folder_inside_the_source_is_the_label(pets, tmp_path):
    dataset = pack(pets, tmp_path / "set", 32, labels="folder")
    assert dataset.label_names == ("9", "10", "cat", "dog")
    assert dataset.labels.tolist() == [0, 1, 2, 2, 3]
    assert labels_of(dataset) == NAMES
    assert dataset.manifest["settings"]["labels"] == "folder"
    check(dataset)


def test_without_labels_nothing_is_said_of_them(pets, tmp_path):
    labelled = pack(pets, tmp_path / "labelled", 32, labels="folder")
    plain = pack(pets, tmp_path / "plain", 32)
    assert plain.labels is None
    assert b"label" not in contents(plain.path)[1]
    np.testing.assert_array_equal(plain.pixels, labelled.pixels)
    assert contents(pack(pets, tmp_path / "a" / "plain", 32, labels="none").path) == contents(
        plain.path
    )


def test_a_zip_has_the_labels_of_the_folder(pets, tmp_path):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for name in NAMES:
            # A ZipInfo keeps the dot that write() would take away.
            member = zipfile.ZipInfo("./" * (name == "dog/1.png") + name)
            archive.writestr(member, (pets / name).read_bytes())
        for name in ("loose.png", "__MACOSX/cat/1.png"):
            archive.write(pets / "9/1.png", name)
    dataset = pack(tmp_path / "pets.zip", tmp_path / "set", 32, labels="folder")
    assert labels_of(dataset) == {
        f"./{name}" if name == "dog/1.png" else name: label for name, label in NAMES.items()
    }
    assert [(one["file"], one["word"]) for one in dataset.manifest["left_out"]] == [
        ("loose.png", "no label")
    ]


def test_of_a_list_the_label_is_the_folder_that_a_picture_lies_in(pets, tmp_path):
    names = ["cat/1.png", str(pets / "dog/1.png"), "10/deep/deeper/1.png", "../pets/here.png"]
    draw(pets, "here.png")
    drawing(77).save(pets / "here.png")
    (pets / "list.txt").write_text("\n".join(names))
    dataset = pack(pets / "list.txt", tmp_path / "set", 32, labels="folder")
    assert labels_of(dataset) == dict(zip(names, ["cat", "dog", "deeper", "pets"]))
    assert dataset.label_names == ("cat", "deeper", "dog", "pets")


def test_pictures_in_no_folder_are_left_out_and_named(pets, tmp_path):
    drawing(50).save(pets / "loose.png")
    drawing(51).save(pets / "2.png")
    (pets / "0.psd").touch()
    dataset = pack(pets, tmp_path / "set", 32, labels="folder")
    assert labels_of(dataset) == NAMES
    assert [(one["file"], one["word"]) for one in dataset.manifest["left_out"]] == [
        ("0.psd", "format"),
        ("2.png", "no label"),
        ("loose.png", "no label"),
    ]


def test_of_duplicates_the_first_keeps_its_label(pets, tmp_path):
    drawing(0).save(pets / "dog" / "2.png")
    drawing(1).save(pets / "dog" / "3.jpg", quality=70)
    drawing(0).save(pets / "cat" / "3.png")
    dataset = pack(pets, tmp_path / "set", 64, labels="folder")
    assert labels_of(dataset) == NAMES
    told = [
        (one["file"], one["reason"], one.get("other_label")) for one in dataset.manifest["left_out"]
    ]
    assert told == [
        ("cat/3.png", "it has the same pixels as cat/1.png", None),
        ("dog/2.png", "it has the same pixels as cat/1.png, with another label", True),
        ("dog/3.jpg", "it is nearly the same as cat/2.png, with another label", True),
    ]
    kept = pack(pets, tmp_path / "all", 64, labels="folder", duplicates="keep")
    assert labels_of(kept)["dog/2.png"] == "dog"


def test_a_line_of_a_list_that_leads_to_the_same_file_may_have_another_label(pets, tmp_path):
    (pets / "dog" / "link.png").symlink_to(pets / "cat" / "1.png")
    (tmp_path / "list").write_text("pets/cat/1.png\npets/dog/link.png\npets/dog/1.png\n")
    dataset = pack(tmp_path / "list", tmp_path / "set", 32, labels="folder")
    (left_out,) = dataset.manifest["left_out"]
    assert left_out["other_label"] is True
    assert left_out["reason"] == "the list has the same file before, with another label"


def test_all_faces_of_a_page_have_its_label(pets, tmp_path):
    def corners(pixels):
        return [(0, 0, 48, 48), (48, 48, 96, 96)]

    dataset = pack(pets, tmp_path / "set", 16, labels="folder", faces=corners, face_margin=0)
    assert dataset.labels.tolist() == [0, 0, 1, 1, 2, 2, 2, 2, 3, 3]


def test_a_folder_without_a_picture_in_the_set_is_no_label(pets, tmp_path):
    (pets / "ant").mkdir()
    (pets / "ant" / "1.png").write_text("not a picture")
    said = []
    dataset = pack(pets, tmp_path / "set", 32, labels="folder", say=said.append)
    assert dataset.label_names == ("9", "10", "cat", "dog")
    assert labels_of(dataset) == NAMES
    assert said == ["ant is no label, as none of its pictures is in the set"]


def test_names_are_composed_as_keyboards_write_them(tmp_path):
    composed = "がくせい"
    draw(
        tmp_path / "set",
        f"{unicodedata.normalize('NFD', composed)}/1.png",
        f"{composed}/2.png",
        "b/1.png",
    )
    dataset = pack(tmp_path / "set", tmp_path / "packed", 32, labels="folder")
    assert dataset.label_names == ("b", composed)
    assert sorted(dataset.labels.tolist()) == [0, 1, 1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["1.png", "2.png"], r"no label for the 2 pictures of \S+s: none lies in a folder"),
        (
            ["a/1.png", "a/b/2.png", "3.png"],
            r"one label, a, for the 2 pictures in folders of \S+s;",
        ),
        (["a\x1b[2J/1.png"], r"one label, a\\x1b\[2J, for the 1 picture in"),
        (["a\nb/1.png", "c/1.png"], r"the folder a\\nb in \S+ cannot be a label, as its name has"),
    ],
)
def test_labels_that_are_none_leave_nothing_behind(tmp_path, names, message):
    draw(tmp_path / "s", *names)
    with pytest.raises(DatasetError, match=message + ".*leave --labels away") as caught:
        pack(tmp_path / "s", tmp_path / "set", 32, labels="folder")
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == [tmp_path / "s"]


def test_more_labels_than_there_may_be(tmp_path):
    drawing(0).save(tmp_path / "1.png")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(1001):
            archive.write(tmp_path / "1.png", f"{i}/1.png")
    with pytest.raises(DatasetError, match=r"1,001 labels, one for each .*; wanted 1,000 at the"):
        pack(tmp_path / "many.zip", tmp_path / "set", 32, labels="folder")


def test_one_label_left_when_the_others_are_left_out(tmp_path):
    draw(tmp_path / "s", "cat/1.png", "dog/1.png")
    (tmp_path / "s" / "dog" / "1.png").write_text("not a picture")
    with pytest.raises(
        DatasetError, match=r"one label, cat, for all pictures of \S+ that .* left out: 1 format;"
    ):
        pack(tmp_path / "s", tmp_path / "set", 32, labels="folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "s"]


def test_another_way_of_labelling(pets, tmp_path):
    with pytest.raises(DatasetError, match="labels is 'file'; wanted one of none, folder"):
        pack(pets, tmp_path / "set", 32, labels="file")


def test_a_run_without_labels_is_another_job(pets, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        pack(pets, tmp_path / "set", 32, faces=Interrupting(3))
    said = []
    pack(pets, tmp_path / "set", 32, faces=Interrupting(0), labels="folder", say=said.append)
    assert said == ["beginning anew: the run that was interrupted had another source or options"]


def test_a_set_that_was_moved_keeps_its_labels(pets, tmp_path):
    path = pack(pets, tmp_path / "set", 32, labels="folder").path
    shutil.rmtree(pets)
    (tmp_path / "there").mkdir()
    for one in (path, path.with_suffix(".json")):
        one.rename(tmp_path / "there" / one.name)
    assert labels_of(PackedDataset(tmp_path / "there" / "set")) == NAMES
