import io
import os
import random

import numpy as np
import pytest

from illust_gan.serializers.snapshots import list_snapshots, remove_older, why_broken
from illust_gan.serializers.writer import AtomicWriter, write_npz


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "snapshot_iter_7"
    rng = np.random.RandomState(0)
    write_npz(path, {"updater/iteration": np.asarray(7), "W": rng.rand(30), "None": None})
    return path


def test_whole(snapshot):
    assert why_broken(snapshot) is None


def test_every_cut_is_found(snapshot):
    data = snapshot.read_bytes()
    for n in range(len(data)):
        snapshot.write_bytes(data[:n])
        assert why_broken(snapshot), n


def test_every_flipped_byte_of_an_array_is_found(snapshot):
    data = snapshot.read_bytes()
    start = data.index(np.random.RandomState(0).rand(30).tobytes())
    for i in range(start, start + 240):
        snapshot.write_bytes(data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :])
        assert why_broken(snapshot) == "its array W is damaged"


def test_a_flip_that_is_not_found_changes_nothing(snapshot):
    """Archives hold bytes that no one reads, such as times; elsewhere a flip must be told."""
    data = snapshot.read_bytes()
    rng = random.Random(0)
    for _ in range(500):
        i = rng.randrange(len(data))
        flipped = data[:i] + bytes([data[i] ^ 1 << rng.randrange(8)]) + data[i + 1 :]
        snapshot.write_bytes(flipped)
        if why_broken(snapshot) is None:
            with np.load(io.BytesIO(data)) as a, np.load(io.BytesIO(flipped)) as b:
                assert a.files == b.files
                np.testing.assert_array_equal(a["W"], b["W"])
                np.testing.assert_array_equal(a["updater/iteration"], b["updater/iteration"])


def test_something_else(tmp_path):
    write_npz(tmp_path / "gen.npz", {"fc5/W": np.zeros(3)})
    assert why_broken(tmp_path / "gen.npz") == "it is no snapshot of a whole run"
    (tmp_path / "empty").touch()
    assert why_broken(tmp_path / "empty") == "it is empty"
    (tmp_path / "noise").write_bytes(np.random.RandomState(0).bytes(9999))
    assert why_broken(tmp_path / "noise") == "it is cut short, or no .npz archive"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_that_may_not_be_read_is_not_called_broken(snapshot):
    snapshot.chmod(0)
    with pytest.raises(PermissionError):
        why_broken(snapshot)


def names(folder):
    return [os.path.basename(path) for path in list_snapshots(folder).values()]


def test_the_oldest_go_whatever_the_times_of_the_files(tmp_path):
    writer = AtomicWriter(n_retains=2)
    for n in (8, 9, 10):
        writer(f"snapshot_iter_{n}", tmp_path, {"x": np.zeros(1)})
        # As after the clock was put back, again and again.
        os.utime(tmp_path / f"snapshot_iter_{n}", (10**6 - n, 10**6 - n))
    assert names(tmp_path) == ["snapshot_iter_9", "snapshot_iter_10"]


def test_later_ones_and_other_names_stay(tmp_path):
    for name in ("snapshot_iter_5", "snapshot_iter_6", "snapshot_iter_99", "snapshot_iter_1.kept"):
        (tmp_path / name).touch()
    (tmp_path / "snapshot_iter_7").touch()
    remove_older(tmp_path, "snapshot_iter_7", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "snapshot_iter_1.kept",
        "snapshot_iter_7",
        "snapshot_iter_99",
    ]


@pytest.mark.parametrize("n_retains", [-1, 0])
def test_all_are_kept(tmp_path, n_retains):
    for n in range(5):
        AtomicWriter(n_retains=n_retains)(f"snapshot_iter_{n}", tmp_path, {"x": np.zeros(1)})
    assert len(names(tmp_path)) == 5
