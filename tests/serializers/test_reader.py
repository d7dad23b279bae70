"""HDF5 from strangers, read by a process that may die: hostile and broken files, made here."""

import datetime
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

import illust_gan
from illust_gan.serializers.reader import SnapshotError, open_snapshot
from tests.golden_run import GOLDEN

ARRAYS = {
    "l1/W": np.arange(6, dtype="f").reshape(2, 3),
    "l1/b": np.ones(1, np.float16),
    "N": np.asarray(3),
    "flag": np.asarray(True),
    "empty": np.zeros((0, 4), "f"),
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "x.h5"


def make(path, arrays=ARRAYS, **options):
    with h5py.File(path, "w") as f:
        for name, array in arrays.items():
            f.create_dataset(name, data=array, **options)


def test_reads_what_h5py_wrote(file):
    make(file)
    with open_snapshot(file) as reader:
        assert reader.kind == "hdf5"
        assert sorted(reader.files) == sorted(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(reader[name], array)
            assert reader[name].dtype == array.dtype


def test_text_and_none(file):
    with h5py.File(file, "w") as f:
        f["bytes"] = np.bytes_("顔".encode())
        f["text"] = "顔"
        f["none"] = h5py.Empty("f")
    with open_snapshot(file) as reader:
        assert str(reader["bytes"]) == str(reader["text"]) == "顔"
        assert reader["none"][()] is None


def test_no_ending_is_needed(tmp_path):
    make(tmp_path / "snapshot")
    with open_snapshot(tmp_path / "snapshot") as reader:
        assert reader.kind == "hdf5"


@pytest.mark.parametrize("track", [True, False])
def test_date(file, track):
    make(file, track_times=track)
    with open_snapshot(file) as reader:
        today = datetime.datetime.now(datetime.UTC).date()
        assert (reader.date == today) if track else reader.date is None


def test_modules_of_the_current_folder_are_not_imported(file, tmp_path, monkeypatch):
    make(file)
    (tmp_path / "h5py.py").write_text(f"open({str(tmp_path / 'proof')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    with open_snapshot(file) as reader:
        assert len(reader) == len(ARRAYS)
    assert not (tmp_path / "proof").exists()


def external_link(f, folder):
    make(folder / "secret.h5")
    f["l1"] = h5py.ExternalLink("secret.h5", "/l1")


def soft_link(f, _):
    f["a"] = np.zeros(2)
    f["l1"] = h5py.SoftLink("/a")


def external_storage(f, folder):
    (folder / "secret.bin").write_bytes(bytes(64))
    f.create_dataset("W", (16,), "f", external=[(str(folder / "secret.bin"), 0, 64)])


def virtual(f, folder):
    make(folder / "secret.h5")
    layout = h5py.VirtualLayout(shape=(2, 3), dtype="f")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "l1/W", shape=(2, 3))
    f.create_virtual_dataset("W", layout)


def circle(f, _):
    group = f.create_group("a")
    group["a"] = group


def huge(f, _):
    f.create_dataset("W", (2**20, 2**20), "f")


def huge_in_chunks(f, _):
    f.create_dataset("W", (2**20, 2**10), "f", chunks=(1, 2**10), compression=4)


def bomb(f, _):
    f.create_dataset("W", data=np.zeros(2**26, "f"), compression=9)


def absurd_chunks(f, _):
    f.create_dataset("W", (4,), "f", maxshape=(None,), chunks=(2**26,), compression=4)
    f["W"][:] = 1


def many(f, _):
    for i in range(5000):
        f.create_group(str(i))


def compound(f, _):
    f["W"] = np.zeros(3, [("a", "f"), ("b", "i")])


def references(f, _):
    f.create_dataset("W", (2,), h5py.ref_dtype)


def other_filter(f, _):
    f.create_dataset("W", data=np.zeros(99), compression="lzf")


def named_type(f, _):
    f["T"] = np.dtype("f")


HOSTILE = {
    external_link: "is a link to another place or file",
    soft_link: "is a link to another place or file",
    external_storage: "lies in another file",
    virtual: "lies in another file",
    circle: "deeper nested, objects than any snapshot",
    huge: "promises 4398046511104 bytes",
    huge_in_chunks: "promises 4294967296 bytes",
    bomb: "promises 268435456 bytes",
    absurd_chunks: "has chunks larger than itself",
    many: "holds more, or deeper nested, objects",
    compound: "which no snapshot holds",
    references: "which no snapshot holds",
    other_filter: "compressed in another way",
    named_type: "neither a group nor an array",
}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda f: f.__name__)
def test_hostile(file, tmp_path, hostile):
    with h5py.File(file, "w") as f:
        hostile(f, tmp_path)
    with pytest.raises(SnapshotError, match=HOSTILE[hostile]) as error:
        open_snapshot(file)
    assert "x.h5 cannot be read as HDF5" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_largest_files_fit_in_memory(file):
    """Both processes together stay below 500 MB, with two arrays of 64 MB."""
    rng = np.random.RandomState(0)
    make(file, {name: rng.randint(256, size=2**26 - 99, dtype="u1") for name in "ab"})
    code = f"""
import resource
from illust_gan.serializers.reader import open_snapshot
with open_snapshot({str(file)!r}) as reader:
    assert reader["a"].nbytes == 2**26 - 99
# ru_maxrss of oneself is that of the parent, if it was greater when it forked.
(own,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(own.split()[1], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sum(map(int, run.stdout.split())) * 1024 < 500e6


@pytest.mark.parametrize("keep", [9, 100, 0.1, 0.5, 0.9, 0.999])
def test_cut_short(tmp_path, keep):
    whole = (GOLDEN / "rezoolab-gen-chainer1.5.1.h5").read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(whole[: int(keep if keep > 1 else keep * len(whole))])
    with pytest.raises(SnapshotError, match=r"cut\.h5 cannot be read as HDF5: it is damaged, or"):
        illust_gan.load_generator(cut)


def test_names_cannot_write_to_the_terminal(file):
    with h5py.File(file, "w") as f:
        f["\x1b[2Jevil/W"] = np.zeros(2)
    with pytest.raises(SnapshotError, match="holds no net") as error:
        illust_gan.load_generator(file)
    assert "\x1b" not in str(error.value)
    assert "\\x1b[2Jevil" in str(error.value)


def test_environment_is_left_alone(file):
    make(file)
    before = dict(os.environ)
    open_snapshot(file).close()
    assert dict(os.environ) == before
