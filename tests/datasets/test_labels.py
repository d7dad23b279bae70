import hashlib
import json
import pickle

import numpy as np
import pytest

from illust_gan.datasets import DatasetError, PackedDataset, PackedIterator, check, write_packed
from illust_gan.datasets.labels import MAX_LABELS, labels_sha256, pictures_labelled

PIXELS = np.random.RandomState(0).randint(0, 256, (60, 4, 4, 3), np.uint8)
LABELS = np.random.RandomState(1).randint(0, 3, 60)
NAMES = ["bird", "cat", "犬"]


def rewrite_manifest(path, **changes):
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))


def told(names=NAMES, labels=LABELS):
    return {"names": list(names), "sha256": labels_sha256(labels, names)}


def pictures(labels):
    identities = (hashlib.sha256(picture).hexdigest() for picture in PIXELS)
    return [{"sha256": x, "label": label} for x, label in zip(identities, labels)]


@pytest.fixture
def path(tmp_path):
    path = write_packed(tmp_path / "pets", 4, PIXELS, sources=[], settings={}).path
    rewrite_manifest(path, labels=told(), pictures=pictures(LABELS.tolist()))
    return path


def test_each_picture_has_a_number_and_each_number_a_name(path):
    dataset = PackedDataset(path)
    assert dataset.labels.dtype == np.int32
    assert not dataset.labels.flags.writeable
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert dataset.label_names == ("bird", "cat", "犬")


def test_a_set_without_labels(tmp_path):
    dataset = write_packed(tmp_path / "plain", 4, PIXELS, sources=[], settings={})
    for one in (dataset, *dataset.split(0.5), dataset.to_device("@numpy")):
        assert one.labels is None
        assert one.label_names == ()
    assert len(check(dataset)) == 64


def test_pictures_are_handed_out_as_without_labels(path):
    dataset = PackedDataset(path)
    np.testing.assert_array_equal(dataset[7], PIXELS[7])
    np.testing.assert_array_equal(dataset.take([7, 1]), PIXELS[[7, 1]])
    batches = [*PackedIterator(dataset, 60, repeat=False, shuffle=False)]
    np.testing.assert_array_equal(batches, [PIXELS])


def test_each_side_of_a_split_carries_its_own(path):
    dataset = PackedDataset(path)
    sides = dataset.split(0.4)
    assert sum(len(side) for side in sides) == 60
    for side in sides:
        assert side.labels.dtype == np.int32
        assert side.label_names == dataset.label_names
        np.testing.assert_array_equal(side.labels, LABELS[side.indexes])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(side)).labels, side.labels)


def test_a_copy_in_a_devices_memory_has_them_beside_the_pictures(path):
    dataset = PackedDataset(path)
    for one in (dataset, *dataset.split(0.4)):
        copy = one.to_device("@numpy")
        assert copy.labels.dtype == np.int32
        np.testing.assert_array_equal(copy.labels, one.labels)
        assert copy.label_names == one.label_names


def test_a_pickle_holds_the_path_alone(path):
    pickled = pickle.dumps(PackedDataset(path))
    assert len(pickled) < 500
    np.testing.assert_array_equal(pickle.loads(pickled).labels, LABELS)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, '"labels" in .*json has no list of names; wanted 2 to 1,000: copy the manifest'),
        ([], "has no list of names"),
        ({"names": {"cat": 0}}, "has no list of names"),
        ({"names": ["cat"]}, "has 1 names; wanted 2 to 1,000"),
        ({"names": [str(i) for i in range(MAX_LABELS + 1)]}, "has 1,001 names; wanted 2 to 1,000"),
        ({"names": ["a", "b", 3]}, 'a name under "labels" in .*json is no text'),
        ({"names": ["a", "b", ""]}, "is empty; copy"),
        ({"names": ["a", "b", "\x1b[2J"]}, "has characters that cannot be shown"),
        ({"names": ["a", "b", "\ud800"]}, "has characters that cannot be shown"),
        ({"names": ["a", "b", "c" * 256]}, "has more than 255 characters"),
        ({"names": ["a", "b", "a"]}, "has a name twice"),
    ],
)
def test_names_that_are_none(path, labels, message):
    rewrite_manifest(path, labels=labels)
    with pytest.raises(DatasetError, match=message) as caught:
        PackedDataset(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("label", [3, -1, 1.0, True, None, "1", "\x1b[2J", [0], 10**4000])
def test_a_label_that_is_none(path, label):
    labels = LABELS.tolist()
    labels[58] = label
    rewrite_manifest(path, pictures=pictures(labels))
    with pytest.raises(
        DatasetError,
        match=r"json gives 1 of 60 pictures no label, the first of them picture 58; wanted a number"
        r" from 0 to 2 for each: copy",
    ):
        PackedDataset(path)


@pytest.mark.parametrize(
    ("entries", "found"), [(pictures([0] * 59), "59"), ({}, "no list of"), (None, "no list of")]
)
def test_labels_of_more_or_fewer_pictures(path, entries, found):
    rewrite_manifest(path, pictures=entries)
    with pytest.raises(DatasetError, match=f"names {found} pictures, but there are 60, each of"):
        PackedDataset(path)


def test_a_picture_that_is_no_table(path):
    rewrite_manifest(path, pictures=[*pictures([0] * 58), 7, "cat"])
    with pytest.raises(
        DatasetError, match=r"2 of 60 pictures no label, the first of them pict.* 58"
    ):
        PackedDataset(path)


def test_check_finds_another_label_another_name_and_names_exchanged(path):
    assert len(check(PackedDataset(path))) == 64
    labels = LABELS.tolist()
    changed = [(labels[0] + 1) % 3, *labels[1:]]
    for changes in (
        {"pictures": pictures(changed)},
        {"labels": {**told(), "names": ["bird", "cat", "dog"]}},
        {"labels": {**told(), "names": ["cat", "bird", "犬"]}},
        {"labels": {**told(), "sha256": "\x1b[2J" * 99}},
        {"labels": {"names": NAMES}},
    ):
        rewrite_manifest(path, **{"labels": told(), "pictures": pictures(labels), **changes})
        with pytest.raises(
            DatasetError,
            match=r"the labels in \S+pets\.json are not those that were packed: their SHA-256 is",
        ) as caught:
            check(PackedDataset(path))
        assert str(caught.value).isprintable()


def test_the_sum_is_the_documented_one():
    content = b'["a", "\\u3042"]\n' + b"\1\0\0\0" + b"\0\0\0\0"
    assert labels_sha256(np.array([1, 0]), ("a", "あ")) == hashlib.sha256(content).hexdigest()


def test_pictures_of_one_label(path):
    dataset = PackedDataset(path)
    for i, name in enumerate(NAMES):
        wanted = [j for j in range(60) if LABELS[j] == i]
        assert pictures_labelled(dataset, name).tolist() == wanted
    rewrite_manifest(path, labels=told(["bird", "cat", "が"]))
    decomposed = "か\u3099"
    assert len(pictures_labelled(PackedDataset(path), decomposed)) == (LABELS == 2).sum()


def test_a_label_without_pictures_and_one_that_is_not_there(path):
    names = [f"{i}" for i in range(12)]
    rewrite_manifest(path, labels=told(names))
    dataset = PackedDataset(path)
    with pytest.raises(DatasetError, match=r"no picture of \S+ has the label 11; give another"):
        pictures_labelled(dataset, "11")
    with pytest.raises(DatasetError, match=r"no label \\x1b; wanted one of 0, 1, .* 9 and 2 more"):
        pictures_labelled(dataset, "\x1b")
