import pytest

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


def test_newest_snapshot_is_the_one_of_the_highest_iteration(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(RunError, match="no snapshot_iter_N to resume from"):
        folder.newest_snapshot()
    for n in (1000, 900, 20):
        (tmp_path / f"snapshot_iter_{n}").touch()
    (tmp_path / ".snapshot_iter_2000.x.part").touch()
    assert folder.newest_snapshot() == str(tmp_path / "snapshot_iter_1000")


def test_snapshots_of_a_way_that_was_left_are_set_aside_and_not_lost(tmp_path):
    folder = RunFolder(tmp_path)
    for text in ("first", "second"):
        for n in (90, 100, 110, 1000):
            (tmp_path / f"snapshot_iter_{n}").write_text(text)
        names, aside = folder.set_aside_after(100)
        assert names == ["snapshot_iter_110", "snapshot_iter_1000"]
        assert folder.newest_snapshot() == str(tmp_path / "snapshot_iter_100")
    assert aside == str(tmp_path / "set_aside" / "001-after-100")
    for folder, text in (("000-after-100", "first"), ("001-after-100", "second")):
        assert (tmp_path / "set_aside" / folder / "snapshot_iter_1000").read_text() == text


def test_nothing_to_set_aside(tmp_path):
    (tmp_path / "snapshot_iter_7").touch()
    assert RunFolder(tmp_path).set_aside_after(7)[0] == []
    assert [p.name for p in tmp_path.iterdir()] == ["snapshot_iter_7"]
