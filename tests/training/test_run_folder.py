import numpy as np
import pytest

from illust_gan.serializers.writer import write_npz
from illust_gan.training.run_folder import RunError, RunFolder


def test_numbers_go_up(tmp_path):
    assert RunFolder.numbered(tmp_path / "none", "a").path == str(tmp_path / "none" / "000-a")
    for name in ("000-x", "007-y", "notes", "12-z"):
        (tmp_path / name).mkdir()
    assert RunFolder.numbered(tmp_path, "b").path == str(tmp_path / "008-b")


def test_options_come_back(tmp_path):
    folder = RunFolder(tmp_path / "run")
    assert not folder.holds_run()
    folder.check_free()
    folder.save_options({"net": "rezoolab", "data": "顔.npy"})
    assert folder.holds_run()
    assert folder.load_options() == {"net": "rezoolab", "data": "顔.npy"}


@pytest.mark.parametrize("name", ["options.json", "log", "snapshot_iter_5"])
def test_another_run_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(RunError, match=rf"holds another run \({name}\); .* --resume"):
        RunFolder(tmp_path).check_free()
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"--out .*file is a file; give the name of a folder"):
        RunFolder(tmp_path / "file").check_free()


def test_no_run_to_go_on_with(tmp_path):
    with pytest.raises(RunError, match=r"holds no run: .*options.json is missing"):
        RunFolder(tmp_path).load_options()


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_broken_options(tmp_path, text):
    (tmp_path / "options.json").write_text(text)
    with pytest.raises(RunError, match=r"options.json (is no JSON|holds no options).*begin a new"):
        RunFolder(tmp_path).load_options()


def write_snapshot(path):
    write_npz(path, {"updater/iteration": np.asarray(int(path.name.rsplit("_", 1)[1]))})


def test_newest_snapshot_is_the_whole_one_of_the_highest_iteration(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(RunError, match="no snapshot_iter_N to resume from"):
        folder.newest_whole_snapshot()
    for n in (900, 1000, 20):
        write_snapshot(tmp_path / f"snapshot_iter_{n}")
    (tmp_path / ".snapshot_iter_2000.x.part").touch()
    (tmp_path / "snapshot_iter_3000").mkdir()
    assert folder.newest_whole_snapshot() == (str(tmp_path / "snapshot_iter_1000"), {})
    (tmp_path / "snapshot_iter_1000").write_bytes(b"")
    (tmp_path / "snapshot_iter_1100").write_bytes(b"\0" * 99)
    path, broken = folder.newest_whole_snapshot()
    assert path == str(tmp_path / "snapshot_iter_900")
    assert broken == {
        "snapshot_iter_1100": "it is cut short, or no .npz archive",
        "snapshot_iter_1000": "it is empty",
    }


def test_all_snapshots_are_broken(tmp_path):
    for n in range(5):
        (tmp_path / f"snapshot_iter_{n}").touch()
    with pytest.raises(RunError, match=r"whole .*: snapshot_iter_4 \(it is empty\), .*and 2 more"):
        RunFolder(tmp_path).newest_whole_snapshot()


def test_only_what_a_killed_run_left_is_removed(tmp_path):
    ours = [
        ".snapshot_iter_20.abc_d1e9.part",
        ".options.json.abc_d1e9.part",
        ".generator.npz.abc_d1e9.part",
        "sheets/.iter_000100.png.abc_d1e9.part",
    ]
    others = [
        "snapshot_iter_20.abc_d1e9.part",
        ".snapshot_iter_20.mine.part",
        ".holiday.mov.abc_d1e9.part",
        "sheets/.snapshot_iter_20.abc_d1e9.part",
        "set_aside/.snapshot_iter_20.abc_d1e9.part",
    ]
    for name in ours + others:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    RunFolder(tmp_path).remove_parts()
    left = [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()]
    assert sorted(left) == sorted(others)
    RunFolder(tmp_path / "none").remove_parts()


def test_snapshots_of_a_way_that_was_left_are_set_aside_and_not_lost(tmp_path):
    folder = RunFolder(tmp_path)
    for text in ("first", "second"):
        for n in (90, 100, 110, 1000):
            (tmp_path / f"snapshot_iter_{n}").write_text(text)
        names, aside = folder.set_aside_after(100)
        assert names == ["snapshot_iter_110", "snapshot_iter_1000"]
        assert sorted(p.name for p in tmp_path.glob("snap*")) == [
            "snapshot_iter_100",
            "snapshot_iter_90",
        ]
    assert aside == str(tmp_path / "set_aside" / "001-after-100")
    for folder, text in (("000-after-100", "first"), ("001-after-100", "second")):
        assert (tmp_path / "set_aside" / folder / "snapshot_iter_1000").read_text() == text


def test_nothing_to_set_aside(tmp_path):
    (tmp_path / "snapshot_iter_7").touch()
    assert RunFolder(tmp_path).set_aside_after(7)[0] == []
    assert [p.name for p in tmp_path.iterdir()] == ["snapshot_iter_7"]
