import dataclasses
import pickle

import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.direction_file import load_directions, save_directions
from illust_gan.generation.directions import Directions

FOUND = Directions(
    names=("smile", "明るい髪"),
    vectors=np.eye(2, 8, dtype=np.float32),
    spreads=np.array([2, 1], np.float32),
    net="maccha",
    method="by hand",
    sha256="0123456789abcdef" * 4,
)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)


def fields(**changes):
    arrays = {f.name: np.asarray(getattr(FOUND, f.name)) for f in dataclasses.fields(FOUND)}
    return arrays | changes


def test_what_is_saved_is_loaded(tmp_path):
    save_directions(tmp_path / "d.npz", FOUND)
    loaded = load_directions(tmp_path / "d.npz")
    for field in dataclasses.fields(FOUND):
        np.testing.assert_array_equal(getattr(loaded, field.name), getattr(FOUND, field.name))
    save_directions(tmp_path / "e.npz", loaded)
    assert (tmp_path / "d.npz").read_bytes() == (tmp_path / "e.npz").read_bytes()


def test_nothing_is_pickled(tmp_path):
    save_directions(tmp_path / "d.npz", FOUND)
    with np.load(tmp_path / "d.npz", allow_pickle=False) as npz:
        assert {name: npz[name].dtype.kind for name in npz.files} == {
            **dict.fromkeys(("names", "net", "method", "sha256"), "U"),
            **dict.fromkeys(("vectors", "spreads"), "f"),
        }


@pytest.mark.parametrize("name", ["", "a=b", "x" * 65, "two\nlines"])
def test_names_that_cannot_be_saved(tmp_path, name):
    with pytest.raises(UserError, match="a direction cannot have the name"):
        save_directions(tmp_path / "d.npz", dataclasses.replace(FOUND, names=("smile", name)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({"surplus": np.zeros(1)}, "holds no directions; give a file that illust-gan directions"),
        ({"vectors": np.zeros((2, 8), np.float32)}, "its vectors are not all of length 1"),
        ({"vectors": np.full((2, 8), np.nan)}, "its vectors are not all of length 1"),
        ({"vectors": np.eye(2, 8, dtype=int)}, "its vectors are int64"),
        ({"vectors": np.zeros((1001, 8))}, "up to 1000 of up to 1024 numbers are wanted"),
        ({"vectors": np.zeros((2, 1025))}, "up to 1000 of up to 1024 numbers are wanted"),
        ({"vectors": np.zeros(8)}, r"its vectors have shape \(8,\)"),
        ({"spreads": np.zeros(3)}, "its names and spreads are not 2, as its vectors are"),
        ({"spreads": np.array([1, np.inf])}, "is refused"),
        ({"names": np.array(["a", "a"])}, "two of its directions have the same name"),
        ({"names": np.array(["a", "\x1b[2J"])}, r"cannot have the name '\\x1b\[2J'"),
        ({"names": np.array(["a", "b" * 65])}, "its names is no short text"),
        ({"names": np.array([1, 2])}, "its names is no short text"),
        ({"method": np.array("m" * 1001)}, "its method is no short text"),
        ({"net": np.array(["maccha"])}, "its net is no short text"),
        ({"net": np.array("stylegan")}, "it names stylegan, which is no net"),
        ({"sha256": np.array("0")}, "or no SHA-256"),
        ({"names": np.array([Bomb(), Bomb()])}, "refused"),
        ({"net": np.array(Bomb())}, "refused"),
    ],
)
def test_hostile_files(tmp_path, changes, pattern):
    np.savez(tmp_path / "d.npz", **fields(**changes))
    with pytest.raises(UserError, match=pattern) as raised:
        load_directions(tmp_path / "d.npz")
    assert "\n" not in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_no_files_of_directions(tmp_path):
    with pytest.raises(UserError, match=r"none.npz does not exist; give one that illust-gan"):
        load_directions(tmp_path / "none.npz")
    with pytest.raises(UserError, match="is no file; give one"):
        load_directions(tmp_path)
    (tmp_path / "p.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(UserError, match=r"p.npz holds no directions"):
        load_directions(tmp_path / "p.npz")
    save_directions(tmp_path / "d.npz", FOUND)
    whole = (tmp_path / "d.npz").read_bytes()
    (tmp_path / "d.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"d.npz cannot be read: it is no whole .npz archive"):
        load_directions(tmp_path / "d.npz")
