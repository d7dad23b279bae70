import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import DatasetError, pack
from illust_gan.datasets.packing import job as job_module
from illust_gan.datasets.packing.pool import WorkerPool
from tests.datasets.packing.drawings import drawing

MARK = (1, 2, 3)


def children():
    """Process numbers of this process's workers."""
    numbers = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [
        int(number)
        for number in numbers
        if b"packing.worker" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for seed in range(6):
        drawing(seed).save(folder / f"{seed}.png")
    marked = drawing(7)
    marked.putpixel((0, 0), MARK)
    marked.save(folder / "3.png")
    return folder


@pytest.mark.parametrize(
    ("number", "word", "reason"),
    [
        (signal.SIGSEGV, "crashed", "ends the process (SIGSEGV)"),
        (signal.SIGKILL, "memory", "was killed, as when memory is short"),
    ],
)
def test_a_picture_that_brings_its_worker_down_is_left_out(folder, tmp_path, number, word, reason):
    def bring_down(pixels):
        if tuple(pixels[0, 0]) == MARK:
            (worker,) = children()
            os.kill(worker, number)
            os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
        return [(0, 0, 96, 96)]

    # One worker: so it is known which.
    dataset = pack(folder, tmp_path / "set", 64, faces=bring_down, workers=1)
    assert [entry["file"] for entry in dataset.manifest["pictures"]] == [
        f"{i}.png" for i in (0, 1, 2, 4, 5)
    ]
    (entry,) = dataset.manifest["left_out"]
    assert (entry["file"], entry["word"]) == ("3.png", word)
    assert reason in entry["reason"]
    assert not children()


def test_a_picture_that_takes_too_long_is_left_out(folder, tmp_path, monkeypatch):
    # Ten kilobytes, and a second or more of unpacking.
    Image.new("1", (7900, 7900)).save(folder / "9.png")
    monkeypatch.setattr(job_module, "SECONDS", 0.1)
    dataset = pack(folder, tmp_path / "set", 64)
    (entry,) = dataset.manifest["left_out"]
    assert (entry["file"], entry["word"]) == ("9.png", "slow")
    assert entry["reason"] == "decoding it takes more than 0.1 seconds of computing"


def test_large_pictures_are_decoded_while_they_fit_the_budget(folder, tmp_path):
    for seed in range(3):
        drawing(100 + seed, 2100, 2000).save(folder / f"large-{seed}.jpg")
    whole = pack(folder, tmp_path / "a", 32)
    # Less than one of them: each alone may exceed it.
    job = {**job_for(32), "source": ["folder", str(folder)]}
    names = [entry["file"] for entry in whole.manifest["pictures"]]
    with WorkerPool(job, 3, budget=1) as pool:
        heads = [head for head, _ in pool.map(names)]
    assert [head["crops"][0]["pixels"] for head in heads] == [
        entry["pixels"] for entry in whole.manifest["pictures"]
    ]


def job_for(size):
    options = {
        "fit": "crop",
        "background": "white",
        "min_size": None,
        "duplicates": "drop",
        "near": 6,
        "faces": None,
        "face_margin": 0.3,
        "min_face": None,
        "face_neighbours": 5,
        "max_megapixels": 64,
    }
    return {
        **job_module.Job(size=size, **options).for_workers,
        "thumbnails": False,
        "boxes": False,
    }


def test_a_worker_that_cannot_begin_says_why(folder):
    job = {
        **job_for(32),
        "source": ["folder", str(folder)],
        "faces": {"path": "no-cascade.xml", "min_face": 32},
    }
    with WorkerPool(job, 1, budget=1) as pool, pytest.raises(DatasetError, match="no-cascade"):
        list(pool.map(["1.png"]))


def test_a_fault_of_the_program_is_no_fault_of_the_picture(folder):
    job = {**job_for(32), "source": ["folder", str(folder)], "fit": 7}
    with WorkerPool(job, 1, budget=1) as pool, pytest.raises(RuntimeError, match="Traceback"):
        list(pool.map(["1.png"]))


def test_leaving_ends_the_processes(folder):
    job = {**job_for(32), "source": ["folder", str(folder)]}
    with WorkerPool(job, 2, budget=1) as pool:
        next(pool.map([f"{i}.png" for i in range(6)]))
        assert len(children()) == 2
    assert not children()


def test_a_detector_of_ones_own_gets_upright_pixels_and_its_faults_are_told(folder, tmp_path):
    seen = []

    def find(pixels):
        assert pixels.dtype == np.uint8
        seen.append(pixels.shape)
        raise LookupError("no such\neye")

    with pytest.raises(
        DatasetError,
        match=r"the face detector \S+find failed on 0\.png: LookupError: no such\\neye",
    ):
        pack(folder, tmp_path / "set", 64, faces=find, workers=1)
    assert seen == [(96, 96, 3)]


def test_a_detector_that_returns_no_boxes_is_told(folder, tmp_path):
    with pytest.raises(DatasetError, match=r"returned .*; wanted one \(left, top, right, bottom\)"):
        pack(folder, tmp_path / "set", 64, faces=lambda pixels: "everywhere")
