"""A run whose newest snapshot was damaged after it had been written."""

import json
import shutil

import pytest

from illust_gan.commands.main import main
from tests.same_snapshot import assert_same_snapshot


def truncated(data):
    return data[: len(data) // 2]


def zero_length(data):
    return b""


def flipped(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 16]) + data[middle + 1 :]


def garbage(data):
    return bytes(range(256)) * 1000


DAMAGES = [
    (truncated, "it is cut short, or no .npz archive"),
    (zero_length, "it is empty"),
    (flipped, "its array updater/"),
    (garbage, "it is cut short, or no .npz archive"),
]


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of a run with snapshots of the iterations 2 and 3."""
    return shutil.copytree(trained, tmp_path / "run")


def damage(path, how):
    path.write_bytes(how(path.read_bytes()))


def resume(arguments):
    return main(["train", "--resume", *map(str, arguments)])


@pytest.mark.parametrize(("how", "why"), DAMAGES, ids=lambda x: getattr(x, "__name__", ""))
def test_goes_on_from_the_one_before(trained, copied, capsys, how, why):
    damage(copied / "snapshot_iter_3", how)
    assert resume(["--out", copied, "--snapshot-interval", 1]) == 0
    said = capsys.readouterr()
    assert said.err.startswith(f"snapshot_iter_3 is broken ({why}")
    assert said.err.endswith("); going on from snapshot_iter_2\n")
    assert said.err.count("\n") == 1
    assert f"going on from {copied}/snapshot_iter_2" in said.out
    assert_same_snapshot(trained / "snapshot_iter_3", copied / "snapshot_iter_3")
    # The broken one is no longer among those of which the last three are kept.
    assert (copied / "set_aside" / "000-after-2" / "snapshot_iter_3").is_file()


def test_whole_ones_are_kept_beside_a_broken_one(copied):
    shutil.copy(copied / "snapshot_iter_3", copied / "snapshot_iter_1000")
    damage(copied / "snapshot_iter_1000", truncated)
    assert resume(["--out", copied, "--iterations", 4]) == 0
    assert sorted(p.name for p in copied.glob("snap*")) == [
        "snapshot_iter_2",
        "snapshot_iter_3",
        "snapshot_iter_4",
    ]


def test_nothing_is_moved_or_removed_by_a_dry_run(copied, capsys):
    damage(copied / "snapshot_iter_3", truncated)
    (copied / ".snapshot_iter_4.abcdefgh.part").touch()
    before = sorted(p.name for p in copied.iterdir())
    assert resume(["--out", copied, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["net"] == "rezoolab"
    assert "going on from snapshot_iter_2" in said.err
    assert sorted(p.name for p in copied.iterdir()) == before


def test_all_are_broken(copied, capsys):
    damage(copied / "snapshot_iter_2", flipped)
    damage(copied / "snapshot_iter_3", zero_length)
    before = sorted(p.name for p in copied.iterdir())
    assert resume(["--out", copied]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"illust-gan: {copied} holds no whole snapshot to resume from: ")
    assert "snapshot_iter_3 (it is empty), snapshot_iter_2 (its array updater/" in err
    assert err.endswith("give another with --resume FILE, or begin a new run in another folder\n")
    assert err.count("\n") == 1
    assert sorted(p.name for p in copied.iterdir()) == before


@pytest.mark.parametrize("how", [how for how, _ in DAMAGES], ids=lambda how: how.__name__)
def test_a_broken_one_that_was_asked_for_is_a_mistake(copied, capsys, how):
    damage(copied / "snapshot_iter_3", how)
    before = sorted(p.name for p in copied.iterdir())
    assert resume([copied / "snapshot_iter_3"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"illust-gan: {copied}/snapshot_iter_3 ")
    assert err.count("\n") == 1
    assert sorted(p.name for p in copied.iterdir()) == before
