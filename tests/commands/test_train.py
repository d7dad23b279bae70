import hashlib
import json
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import illust_gan
from illust_gan.commands.main import main
from tests.golden_run import GOLDEN
from tests.huge_set import write_huge_set
from tests.same_snapshot import assert_same_snapshot, losses


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def test_leaves_all_that_it_takes(trained, avatars):
    assert sorted(p.name for p in trained.iterdir()) == [
        "generator.npz",
        "log",
        "loss.png",
        "options.json",
        "sheets",
        "snapshot_iter_2",
        "snapshot_iter_3",
    ]
    options = json.loads((trained / "options.json").read_text())
    assert options == {
        "net": "rezoolab",
        "data": str(avatars),
        "held_out": None,
        "preload": False,
        "batchsize": 4,
        "epoch": None,
        "iterations": 3,
        "device": "-1",
        "precision": "float32",
        "graph": True,
        "seed": 0,
        "alpha": 1e-4,
        "gen_updates": 1,
        "std": 0.1,
        "snapshot_interval": 2,
        "sheet_interval": 2,
        "init_gen": None,
        "init_dis": None,
        "init_gen_optimizer": None,
        "init_dis_optimizer": None,
        "chainer_version": None,
        "illust_gan": illust_gan.__version__,
    }


def test_says_where_things_are(avatars, tmp_path, capsys):
    out = tmp_path / "run"
    assert (
        run("train --net rezoolab --data {d} --out {o} -b 4 --iterations 1", d=avatars, o=out) == 0
    )
    text = capsys.readouterr().out
    assert f"training rezoolab on 24 pictures of {avatars}: 1 iterations of batches of 4" in text
    assert f"1 iterations done; generator: {out}/generator.npz" in text
    assert text.endswith(f"last sheet: {out}/sheets/iter_000001.png\n")
    assert "\033" not in text


def test_held_out_pictures_stay_out_and_the_rest_may_lie_in_memory(avatars, tmp_path, capsys):
    out = tmp_path / "run"
    command = "train --net rezoolab --data {d} --out {o} -b 4 --iterations 1 --held-out 0.3"
    assert run(f"{command} --preload", d=avatars, o=out) == 0
    train, held = illust_gan.PackedDataset(avatars).split(0.3)
    told = f"training rezoolab on {len(train)} pictures of {avatars}, {len(held)} held out: 1 it"
    assert told in capsys.readouterr().out
    options = json.loads((out / "options.json").read_text())
    assert (options["held_out"], options["preload"]) == (0.3, True)
    with np.load(out / "snapshot_iter_1") as snapshot:
        assert snapshot["updater/iterator:main/order"].shape == (len(train),)

    # Where the pictures lie may change, which ones they are may not.
    assert run("train --resume --out {o} --iterations 2 --no-preload", o=out) == 0
    assert f"{len(held)} held out" in capsys.readouterr().out
    options = json.loads((out / "options.json").read_text())
    assert (options["held_out"], options["preload"]) == (0.3, False)
    assert run("train --resume --out {o} --held-out 0.2", o=out) == 2
    assert "--held-out 0.2 does not fit: the run in" in capsys.readouterr().err


def test_preloading_a_set_larger_than_memory(tmp_path, capsys):
    data, out = write_huge_set(tmp_path / "huge"), tmp_path / "run"
    assert run("train --net rezoolab --data {d} --out {o} --preload", d=data, o=out) == 2
    message = capsys.readouterr().err
    assert f"pictures of {data} take 1,024.0 GiB, and @numpy has" in message
    assert "leave --preload away" in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_runs_are_numbered(avatars, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert run("train --net rezoolab --data {d} -b 4 --iterations 1", d=avatars) == 0
    assert sorted(p.name for p in (tmp_path / "results").iterdir()) == [
        "000-rezoolab-avatars-64",
        "001-rezoolab-avatars-64",
    ]


def test_maccha(avatars_96, tmp_path):
    out = tmp_path / "run"
    assert (
        run("train --net maccha --data {d} --out {o} -b 4 --iterations 1", d=avatars_96, o=out) == 0
    )
    assert illust_gan.load_generator(out / "generator.npz").size == 96


@pytest.mark.parametrize(
    ("net", "batchsize", "alpha", "std", "gen_updates"),
    [("rezoolab", 64, 1e-4, 0.01, 1), ("maccha", 100, 2e-4, 0.02, 1), ("kim", 64, 2e-4, 0.02, 2)],
)
def test_dry_run_prints_the_resolved_options_and_stops(
    tmp_path, capsys, net, batchsize, alpha, std, gen_updates
):
    data = tmp_path / "faces"
    size = 96 if net == "maccha" else 64
    pixels = np.random.RandomState(0).randint(0, 256, (100, size, size, 3), np.uint8)
    from illust_gan.datasets.writer import write_packed

    write_packed(data, size, iter(pixels), sources=[], settings={})
    out = tmp_path / "run"
    assert run("train --net {n} --data {d} --out {o} --dry-run", n=net, d=data, o=out) == 0
    options = json.loads(capsys.readouterr().out)
    assert options["out"] == str(out)
    assert (options["batchsize"], options["alpha"], options["std"]) == (batchsize, alpha, std)
    assert options["gen_updates"] == gen_updates
    assert (options["epoch"], options["iterations"]) == (100, None)
    assert not out.exists()


def test_help_shows_the_recipes_defaults(capsys):
    assert main(["train", "--help"]) == 0
    # Names are broken at their hyphens too.
    text = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    assert "[default: rezoolab 64, maccha 100, sugyan 128, kim 64, kim-conditional 64]" in text
    alpha = "rezoolab 0.0001, maccha 0.0002, sugyan 0.0002, kim 0.0002, kim-conditional 0.0002"
    assert f"[default: {alpha}]" in text
    std = "rezoolab 0.01, maccha 0.02, sugyan Glorot, kim 0.02, kim-conditional 0.02"
    assert f"[default: {std}]" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_resumed_is_unbroken_to_the_bit(avatars, tmp_path, number, capsys):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    command = "train --net rezoolab --data {d} --out {o} -b 4 --iterations {n} --sheet-interval 2"
    # Long enough that the signal comes in the middle: after the first sheet.
    process = subprocess.Popen(
        [sys.executable, "-m", "illust_gan", *command.format(d=avatars, o=parts, n=500).split()],
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (parts / "sheets" / "iter_000002.png").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    (snapshot,) = parts.glob("snapshot_iter_*")
    k = int(snapshot.name.rsplit("_", 1)[1])
    assert 0 < k < 500
    assert f"stopped by {number.name} at iteration {k}, and its state saved" in text
    assert f"go on with: illust-gan train --resume --out {parts}" in text

    # What is said is what works: the length is still the one asked for.
    assert run("train --resume --out {o} --dry-run", o=parts) == 0
    assert json.loads(capsys.readouterr().out)["iterations"] == 500
    assert run("train --resume --out {o} --iterations {n}", o=parts, n=k + 2) == 0
    assert run(command, d=avatars, o=whole, n=k + 2) == 0
    assert_same_snapshot(whole / f"snapshot_iter_{k + 2}", parts / f"snapshot_iter_{k + 2}")
    assert losses((whole / "log").read_text()) == losses((parts / "log").read_text())
    assert (whole / "generator.npz").read_bytes() == (parts / "generator.npz").read_bytes()


def test_resume_takes_the_newest_or_a_given_file(avatars, tmp_path, capsys):
    out = tmp_path / "run"
    command = "train --net rezoolab --data {d} --out {o} -b 4 --iterations 2 --snapshot-interval 1"
    assert run(command, d=avatars, o=out) == 0
    assert run("train --resume --out {o}", o=out) == 0
    text = capsys.readouterr().out
    assert f"going on from {out}/snapshot_iter_2" in text
    assert "at its end already, iteration 2; give a greater length" in text
    assert run("train --resume {o}/snapshot_iter_1 --iterations 3 --alpha 0.5", o=out) == 0
    text = capsys.readouterr().out
    assert f"going on from {out}/snapshot_iter_1" in text
    assert f"snapshot_iter_2: of later iterations, and now in {out}/set_aside/000-after-1" in text
    assert "3 iterations done" in text
    # What was given when it went on holds from then on.
    options = json.loads((out / "options.json").read_text())
    assert (options["iterations"], options["alpha"], options["batchsize"]) == (3, 0.5, 4)
    assert run("train --resume --out {o}", o=out) == 0
    assert "at its end already, iteration 3" in capsys.readouterr().out


def test_another_run_may_begin_from_a_snapshot(trained, avatars, tmp_path):
    out = tmp_path / "branch"
    command = "train --net rezoolab --data {d} --out {o} -b 4 --iterations 4 --resume {f}"
    assert run(command, d=avatars, o=out, f=trained / "snapshot_iter_3") == 0
    assert (out / "snapshot_iter_4").exists()
    assert not (trained / "snapshot_iter_4").exists()


def test_a_snapshot_without_its_run_begins_a_new_one(trained, avatars, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(trained / "snapshot_iter_3", tmp_path)
    command = "train --net rezoolab --data {d} -b 4 --iterations 4 --resume snapshot_iter_3"
    assert run(command, d=avatars) == 0
    assert (tmp_path / "results/000-rezoolab-avatars-64/snapshot_iter_4").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["results", "snapshot_iter_3"]


@pytest.mark.parametrize(
    ("command", "pattern"),
    [
        (
            "--data {d}",
            "--net is missing; give --net with rezoolab, maccha, sugyan, kim or kim-",
        ),
        ("--net rezoolab", "--data is missing; give --data with a data set's .npy"),
        ("--net rezoolab --data {d} -e 1 --iterations 1", "--epoch and --iterations both give the"),
        ("--net rezoolab --data {t}/none.npy", "no data set {t}/none.npy"),
        ("--net rezoolab --data {t}", "is a folder; wanted a packed data set"),
        ("--net maccha --data {d} -b 4", "64×64, and --net maccha draws 96×96"),
        ("--net rezoolab --data {d}", "24 pictures to train on, fewer than one minibatch"),
        ("--net rezoolab --data {d} -b 1", "Invalid value for '-b' / '--batchsize'"),
        ("--net rezoolab --data {d} -b 4 -d 99", "--device 99 is not there; there is: -1 (CPU)"),
        ("--net rezoolab --data {d} -b 4 --out {r}", "holds another run (log, options.json, snap"),
        ("--resume", "--resume alone does not say which run; add --out RUN"),
        ("--resume --out {t}", "{t} holds no run: {t}/options.json is missing"),
        ("--resume {t}/none --out {r}", "--resume {t}/none is no file"),
        (
            "--resume {r}/loss.png",
            "loss.png is no snapshot: it is neither an .npz archive nor HDF5",
        ),
        (
            "--resume {r}/generator.npz",
            "holds rezoolab's generator; --resume wants the snapshot of",
        ),
        (
            "--resume {r}/generator.npz --net rezoolab --data {d} -b 4 --out {t}/run",
            "holds rezoolab's generator; --resume wants the snapshot of",
        ),
        ("--resume --out {r} --net maccha", "--net maccha does not fit: the run in {r} has rezool"),
        (
            "--resume --out {r} --init-std 0.5",
            "--init-std 0.5 does not fit: the run in {r} has 0.1",
        ),
        (
            "--resume --out {r} --held-out 0.5",
            "--held-out 0.5 does not fit: the run in {r} has none; leave --held-out away",
        ),
        ("--net rezoolab --data {d} --held-out 1", "Invalid value for '--held-out'"),
        (
            "--net rezoolab --data {d} --held-out 1e-9",
            "a share of 1e-09 held out, all 24 pictures of {d} are left to train on; give another",
        ),
        ("--net rezoolab --data {d} -b 24 --held-out 0.5", "to train on, fewer than one minibatch"),
    ],
)
def test_bad_input(avatars, trained, tmp_path, capsys, command, pattern):
    names = {"d": avatars, "r": trained, "t": tmp_path}
    if "--out" not in command and "--resume" not in command:
        command += " --out {t}/run"
    before = sorted(p.name for p in trained.iterdir())
    assert run(f"train {command}", **names) == 2
    err = capsys.readouterr().err
    assert pattern.format(**names) in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
    assert sorted(p.name for p in trained.iterdir()) == before


def train_with_small_files(command, limit):
    """A limit on the size of files stands for the full disk: the kernel refuses the write."""
    return subprocess.run(
        [sys.executable, "-m", "illust_gan", "train", *command.split()],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_full_disk_leaves_the_snapshot_before_it_whole(avatars, tmp_path):
    out = tmp_path / "run"
    assert (
        run("train --net rezoolab --data {d} --out {o} -b 4 --iterations 1", d=avatars, o=out) == 0
    )
    before = hashlib.sha256((out / "snapshot_iter_1").read_bytes()).digest()
    command = f"--resume --out {out} --iterations 2 --snapshot-interval 1"
    result = train_with_small_files(command, 30 * 10**6)
    assert result.returncode == 2
    assert f"{out}/snapshot_iter_2 could not be written (File too large)" in result.stderr
    assert "go on from the newest with --resume" in result.stderr
    assert result.stderr.count("\n") == 1
    assert hashlib.sha256((out / "snapshot_iter_1").read_bytes()).digest() == before
    assert sorted(p.name for p in out.iterdir()) == [
        "generator.npz",
        "log",
        "loss.png",
        "options.json",
        "sheets",
        "snapshot_iter_1",
    ]

    # With room again it goes on as if nothing had been, from the snapshot that is there.
    whole = tmp_path / "whole"
    shutil.copytree(out, whole)
    assert run("train --resume --out {o} --iterations 2", o=whole) == 0
    assert sorted(p.name for p in whole.iterdir() if p.name.startswith((".", "snap"))) == [
        "snapshot_iter_1",
        "snapshot_iter_2",
    ]

    # The log is Chainer's to write, and its error names no file.
    result = train_with_small_files(command, (out / "options.json").stat().st_size + 50)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "illust-gan: a file could not be written (File too large); make room and go on"
    )


def test_pair_of_2015_is_trained_on(avatars, tmp_path, capsys):
    command = (
        "train --net rezoolab --data {d} --out {o} -b 4 --iterations 1 "
        "--init-gen {g}/rezoolab-gen-chainer1.5.1.h5 --init-dis {g}/rezoolab-dis-chainer1.5.1.h5"
    )
    assert run(command, d=avatars, o=tmp_path / "run", g=GOLDEN) == 0
    options = json.loads((tmp_path / "run" / "options.json").read_text())
    assert options["init_gen"] == f"{GOLDEN}/rezoolab-gen-chainer1.5.1.h5"
    trained = illust_gan.load_generator(tmp_path / "run" / "generator.npz")
    before = illust_gan.load_generator(options["init_gen"])
    # One step of Adam moves a weight by alpha at most.
    change = np.abs(trained.conv2.W.array - before.conv2.W.array)
    assert 0 < change.max() < 1.01e-4


def test_pair_of_another_net(avatars, tmp_path, capsys):
    command = "train --net rezoolab --data {d} --out {o} -b 4 --init-dis {f}"
    file = GOLDEN / "rezoolab-gen-chainer1.5.1.h5"
    assert run(command, d=avatars, o=tmp_path / "run", f=file) == 2
    message = capsys.readouterr().err
    assert f"{file} holds rezoolab's generator; --init-dis wants rezoolab's disc" in message
    assert not (tmp_path / "run").exists()


def test_run_of_chainer_1_24_goes_on_as_a_run_of_ours(avatars, tmp_path, capsys):
    file = GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0"
    command = "train --net rezoolab --data {d} --out {o} -b 4 --iterations 21 --resume {f}"
    assert run(command, d=avatars, o=tmp_path / "run", f=file) == 0
    assert f"going on from {file}" in capsys.readouterr().out
    assert (tmp_path / "run" / "snapshot_iter_21").exists()


def test_run_of_an_earlier_version_goes_on(trained, tmp_path, capsys):
    out = tmp_path / "run"
    shutil.copytree(trained, out)
    options = json.loads((out / "options.json").read_text())
    later = ("init_gen", "init_dis_optimizer", "chainer_version", "held_out", "preload")
    for name in (*later, "precision"):
        del options[name]
    (out / "options.json").write_text(json.dumps(options))
    assert run("train --resume --out {o} --iterations 9 --dry-run", o=out) == 0
    options = json.loads(capsys.readouterr().out)
    assert (options["init_gen"], options["held_out"], options["preload"]) == (None, None, False)
    assert options["precision"] == "float32"
