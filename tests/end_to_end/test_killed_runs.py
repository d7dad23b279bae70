"""Runs that end by SIGKILL, at any moment, and go on.

``ILLUST_GAN_KILLS=20`` kills twenty whole processes; it takes some minutes.
"""

import os
import random
import signal
import subprocess
import sys
import time

from illust_gan.commands.main import main
from illust_gan.training.run_folder import RunFolder
from tests.same_snapshot import assert_same_snapshot, losses

KILLS = int(os.environ.get("ILLUST_GAN_KILLS", "4"))


def start(arguments):
    """Start a run in a process of its own, and return that when the training begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "illust_gan", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert any("everything goes to" in line for line in process.stdout)
    return process


def wait_for(folder, pattern, process):
    while not list(folder.glob(pattern)):
        assert process.poll() is None
        time.sleep(0.001)


def test_killed_again_and_again_a_run_ends_as_the_unbroken_one(avatars, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    new = ["--net", "rezoolab", "--data", avatars, "-b", "2"]
    rng = random.Random(0)
    unfinished = 0
    for i in range(KILLS):
        if i == 0:
            arguments = [*new, "--out", killed, "--iterations", 10**6, "--snapshot-interval", 1]
        else:
            arguments = ["--resume", "--out", killed]
        process = start(arguments)
        try:
            if i == 0:
                begun = time.monotonic()
                # Killed before its first snapshot it would have nothing to go on from.
                wait_for(killed, "snapshot_iter_*", process)
                pace = time.monotonic() - begun
            time.sleep(rng.uniform(0, 4 * pace))
            if i % 2:
                wait_for(killed, ".snapshot_iter_*.part", process)
                time.sleep(rng.uniform(0, 0.2 * pace))
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        parts = list(killed.glob(".*.part"))
        assert len(parts) <= 1
        unfinished += len(parts)
        assert RunFolder(killed).newest_whole_snapshot()[1] == {}

    newest = RunFolder(killed).newest_whole_snapshot()[0]
    last = int(newest.rsplit("_", 1)[1]) + 2
    assert main(f"train --resume --out {killed} --iterations {last}".split()) == 0
    arguments = [*new, "--out", whole, "--iterations", last]
    assert main(["train", *map(str, arguments)]) == 0
    print(f"{KILLS} kills, {unfinished} of them while a file was written; {last} iterations")
    assert_same_snapshot(whole / f"snapshot_iter_{last}", killed / f"snapshot_iter_{last}")
    assert (whole / "generator.npz").read_bytes() == (killed / "generator.npz").read_bytes()
    assert losses((whole / "log").read_text()) == losses((killed / "log").read_text())
    assert list(killed.rglob(".*")) == []
    assert len(list(killed.glob("snapshot_iter_*"))) == 3


WRITE_AND_KILL = """
import os, random, signal, sys, time
import numpy as np
from illust_gan.serializers.writer import AtomicWriter
from illust_gan.training.run_folder import RunFolder
from tests.same_snapshot import read_arrays

arrays, folder, rng = read_arrays(sys.argv[1]), RunFolder(sys.argv[2]), random.Random(0)
writer = AtomicWriter(n_retains=2)
n, unfinished = 1, 0
writer("snapshot_iter_1", folder.path, arrays | {"updater/iteration": np.asarray(1)})
for _ in range(20):
    begun = time.monotonic()
    child = os.fork()
    while child == 0:
        n += 1
        writer(f"snapshot_iter_{n}", folder.path, arrays | {"updater/iteration": np.asarray(n)})
    time.sleep(rng.uniform(0, 0.6))
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    unfinished += any(name.endswith(".part") for name in os.listdir(folder.path))
    path, broken = folder.newest_whole_snapshot()
    assert not broken, broken
    m = int(path.rsplit("_", 1)[1])
    assert m >= n
    n = m
    for name, array in read_arrays(path).items():
        wanted = n if name == "updater/iteration" else arrays[name]
        np.testing.assert_array_equal(array, wanted, err_msg=name)
    folder.remove_parts()
    assert all(name.startswith("snapshot_iter_") for name in os.listdir(folder.path))
print(n, unfinished)
"""


def test_twenty_killed_writers_leave_whole_snapshots_only(trained, tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", WRITE_AND_KILL, trained / "snapshot_iter_3", tmp_path],
        # A process with threads had better not fork.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    written, unfinished = map(int, result.stdout.split())
    print(f"{written} snapshots written, {unfinished} of 20 kills while one was written")
    assert written > 1
    assert unfinished > 0
