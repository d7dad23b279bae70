import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from illust_gan.datasets import DatasetError, PackedDataset, pack
from tests.datasets.packing.mixed import contents


class Interrupting:
    """A detector that takes the whole picture, and gives up at one of them."""

    def __init__(self, at):
        self.left = at

    def __call__(self, pixels):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return [(0, 0, *pixels.shape[1::-1])]


def test_an_interrupted_run_goes_on_to_the_same_bytes(folder, tmp_path):
    options = {"report": tmp_path / "left-out.html", "face_margin": 0}
    whole = pack(folder, tmp_path / "a" / "mixed", faces=Interrupting(0), **options)
    report = options["report"].read_bytes()
    for at in (1, 40, 95):
        with pytest.raises(KeyboardInterrupt):
            pack(folder, tmp_path / "b" / "mixed", faces=Interrupting(at), **options)
        assert not (tmp_path / "b" / "mixed.npy").exists()
        said = []
        dataset = pack(
            folder, tmp_path / "b" / "mixed", faces=Interrupting(0), say=said.append, **options
        )
        if at > 1:
            assert said[0].startswith("going on at ")
            assert said[0].endswith(" of 100 pictures")
        assert contents(dataset.path) == contents(whole.path)
        assert options["report"].read_bytes() == report
        dataset.path.unlink()
        dataset.path.with_suffix(".json").unlink()


def test_other_settings_or_another_source_begin_anew(few, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        pack(few, tmp_path / "set", 32, faces=Interrupting(3))
    said = []
    assert len(pack(few, tmp_path / "set", 48, faces=Interrupting(0), say=said.append)) == 4
    assert said == ["beginning anew: the run that was interrupted had another source or options"]


def start(folder, out, *more, **options):
    command = [sys.executable, "-m", "illust_gan", "dataset", "pack", folder, out, *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


def journal_of(out):
    return out.with_name(f".{out.name}.packing") / "journal"


def wait_for_work(out, process, least=5):
    while process.poll() is None:
        if journal_of(out).exists() and journal_of(out).read_bytes().count(b"\n") > least:
            return
        time.sleep(0.005)
    pytest.fail(process.communicate()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_the_old_set_whole_and_the_work_for_the_next_run(
    few, folder, packed, tmp_path, number
):
    out = tmp_path / "mixed"
    old = contents(pack(few, out, 16).path)
    process = start(folder, out, "--size", "64", "--force", "--workers", "1")
    wait_for_work(out, process)
    process.send_signal(number)
    said = process.communicate()[1]
    assert contents(out) == old
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert f"stopped by {number.name}; what is done is kept" in said
    process = start(folder, out, "--size", "64", "--force")
    said = process.communicate()[1]
    assert process.returncode == 0
    assert "going on at " in said
    assert contents(out) == packed
    assert not journal_of(out).exists()


def test_a_full_disk_leaves_the_old_set_whole_and_the_work_for_the_next_run(
    few, folder, packed, tmp_path
):
    out = tmp_path / "mixed"
    old = contents(pack(few, out, 16).path)

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    process = start(folder, out, "--size", "64", "--force", preexec_fn=small_disk)
    said = process.communicate()[1]
    assert process.returncode == 2
    assert f"could not write {out}.npy: File too large; make room, and the same command" in said
    assert contents(out) == old
    process = start(folder, out, "--size", "64", "--force")
    assert "going on at " in process.communicate()[1]
    assert contents(out) == packed


def test_what_does_not_match_its_hash_is_packed_again(few, tmp_path):
    wanted = contents(pack(few, tmp_path / "a" / "set", 32, faces=Interrupting(0)).path)
    with pytest.raises(KeyboardInterrupt):
        pack(few, tmp_path / "b" / "set", 32, faces=Interrupting(4), workers=1)
    pixels = tmp_path / "b" / ".set.packing" / "pixels"
    with open(pixels, "r+b") as f:
        f.seek(-32 * 32 * 3, os.SEEK_END)
        f.write(b"lost")
    said = []
    dataset = pack(few, tmp_path / "b" / "set", 32, faces=Interrupting(0), say=said.append)
    assert said == ["going on at 2 of 4 pictures"]
    assert contents(dataset.path) == wanted


@pytest.mark.parametrize(
    "line",
    ["[]", "7", "{}", '{"thumbnails_end": 0, "packed": ["0.png"]}', "[" * 100_000, "\0" * 99],
    ids=["list", "number", "empty", "text", "deep", "nothing"],
)
def test_a_journal_with_anything_in_it_is_gone_on_with_before_that(few, tmp_path, line):
    wanted = contents(pack(few, tmp_path / "a" / "set", 32, faces=Interrupting(0)).path)
    with pytest.raises(KeyboardInterrupt):
        # One worker: more would ask in any order.
        pack(few, tmp_path / "b" / "set", 32, faces=Interrupting(4), workers=1)
    journal = journal_of(tmp_path / "b" / "set")
    head, first, *_ = journal.read_text().splitlines(keepends=True)
    journal.write_text(f"{head}{first}{line}\n")
    said = []
    dataset = pack(few, tmp_path / "b" / "set", 32, faces=Interrupting(0), say=said.append)
    assert said == ["going on at 1 of 4 pictures"]
    assert contents(dataset.path) == wanted


def test_where_no_report_can_be_is_told_before_packing(few, tmp_path):
    with pytest.raises(OSError, match=r"0\.png"):
        pack(few, tmp_path / "set", 32, report=few / "0.png" / "left-out.html")
    assert list(tmp_path.iterdir()) == [few]


def test_a_report_that_cannot_be_written_leaves_the_set_and_no_remains(few, tmp_path):
    report = tmp_path / "left-out.html"
    report.mkdir()
    with pytest.raises(
        DatasetError,
        match=r"set\.npy is packed, but its report \S+left-out\.html could not be written: Is",
    ):
        pack(few, tmp_path / "set", 32, report=report)
    assert len(PackedDataset(tmp_path / "set")) == 4
    assert not journal_of(tmp_path / "set").parent.exists()


def test_two_at_once_are_kept_apart(few, tmp_path):
    def pack_again(pixels):
        with pytest.raises(DatasetError, match=r"another process is packing \S+set\.npy just now"):
            pack(few, tmp_path / "set", 32)
        return []

    with pytest.raises(DatasetError, match="None of the pictures"):
        pack(few, tmp_path / "set", 32, faces=pack_again)
