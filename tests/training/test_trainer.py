"""Whole runs under Chainer's own Trainer."""

import json
import os
import pathlib
import signal
import subprocess
import sys

import chainer
import numpy as np
import pytest
from chainer import training
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.datasets.errors import DatasetError
from illust_gan.serializers.load import serialized
from illust_gan.serializers.reader import open_snapshot
from illust_gan.serializers.resume import resume


@pytest.fixture
def dataset(avatars):
    return illust_gan.PackedDataset(avatars)


def make(dataset, out, n, **options):
    options = {"batchsize": 8, "sheet_interval": (2, "iteration"), **options}
    return illust_gan.make_trainer("rezoolab", dataset, out, length=(n, "iteration"), **options)


def assert_same_state(a, b):
    a, b = serialized(a.updater), serialized(b.updater)
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def test_is_chainers_trainer_and_leaves_a_run(dataset, tmp_path):
    trainer = make(dataset, tmp_path, 3, snapshot_interval=(1, "iteration"), n_retains=2)
    assert type(trainer) is training.Trainer
    trainer.run()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "log",
        "loss.png",
        "sheets",
        "snapshot_iter_2",
        "snapshot_iter_3",
    ]
    assert sorted(p.name for p in (tmp_path / "sheets").iterdir()) == [
        "iter_000002.png",
        "iter_000003.png",
    ]


def test_log_holds_losses_and_the_time_that_remains(dataset, tmp_path):
    make(dataset, tmp_path, 3, log_interval=(1, "iteration")).run()
    log = json.loads((tmp_path / "log").read_text())
    assert [entry["iteration"] for entry in log] == [1, 2, 3]
    for entry in log:
        assert entry["gen/loss"] > 0
        assert entry["dis/loss"] > 0
    assert log[0]["remaining_time"] == pytest.approx(2 * log[0]["elapsed_time"])
    assert log[2]["remaining_time"] == 0


def test_stopped_and_resumed_is_unbroken_to_the_bit(dataset, tmp_path):
    # 24 pictures in batches of 8: the five iterations pass the end of an epoch before and after
    # the interruption.
    whole = make(dataset, tmp_path / "whole", 7)
    whole.run()
    make(dataset, tmp_path / "parts", 4).run()
    np.random.seed(99)
    rest = make(dataset, tmp_path / "parts", 7, seed=1)
    resume(tmp_path / "parts" / "snapshot_iter_4", rest)
    assert rest.updater.iteration == 4
    rest.run()
    assert rest.updater.iteration == 7
    assert_same_state(whole, rest)


def test_same_seed_same_run_whatever_numpys_random_state(dataset, tmp_path):
    runs = []
    for i in range(2):
        np.random.seed(i)
        before = np.random.get_state()[1].copy()
        # Sheets in one of them only: they must not disturb the training.
        trainer = make(dataset, tmp_path / str(i), 2, sheet_interval=(1 + 9 * i, "iteration"))
        trainer.run()
        assert (np.random.get_state()[1] == before).all()
        runs.append(trainer)
    assert_same_state(*runs)


def test_pictures_from_memory_train_the_same_net_to_the_bit(dataset, tmp_path):
    runs = []
    for name, data in (("file", dataset), ("copy", dataset.to_device("@numpy"))):
        runs.append(make(data, tmp_path / name, 1, batchsize=4))
        runs[-1].run()
    assert_same_state(*runs)


def test_only_one_side_of_a_split_is_trained_on(dataset, tmp_path):
    train, held = dataset.split(0.3)
    trainer = make(train, tmp_path, 1, batchsize=4)
    iterator = trainer.updater.get_iterator("main")
    seen = {bytes(picture) for _ in range(12) for picture in iterator.next()}
    assert seen == set(map(bytes, train))
    assert not seen & set(map(bytes, held))


def test_other_seed_other_run(dataset, tmp_path):
    a, b = (make(dataset, tmp_path / str(seed), 1, seed=seed) for seed in (0, 1))
    for trainer in (a, b):
        trainer.run()
    assert (a.updater.gen.fc5.W.array != b.updater.gen.fc5.W.array).any()


def test_resumed_past_its_length_it_stops_at_once(dataset, tmp_path):
    make(dataset, tmp_path, 3).run()
    trainer = make(dataset, tmp_path, 2)
    resume(tmp_path / "snapshot_iter_3", trainer)
    trainer.run()
    assert trainer.updater.iteration == 3


def test_length_in_epochs(dataset, tmp_path):
    trainer = illust_gan.make_trainer(
        "rezoolab", dataset, tmp_path, length=(1, "epoch"), batchsize=10
    )
    trainer.run()
    assert trainer.updater.iteration == 3
    assert (tmp_path / "snapshot_iter_3").exists()


def test_options_reach_the_nets(dataset, tmp_path):
    trainer = make(dataset, tmp_path, 1, alpha=3e-4, std=0.05)
    for name in ("gen", "dis"):
        assert trainer.updater.get_optimizer(name).alpha == 3e-4
    assert trainer.updater.gen.conv4.W.array.std() == pytest.approx(0.05, rel=0.01)


def test_pictures_of_another_size(dataset, tmp_path, avatars_96):
    with pytest.raises(DatasetError, match=r"64×64, and --net maccha draws 96×96; train --net rez"):
        illust_gan.make_trainer("maccha", dataset, tmp_path, length=(1, "epoch"))
    with pytest.raises(DatasetError, match=r"96×96, and --net rezoolab draws 64×64"):
        make(illust_gan.PackedDataset(avatars_96), tmp_path, 1)


def test_fewer_pictures_than_a_minibatch(dataset, tmp_path):
    with pytest.raises(
        DatasetError, match=r"24 pictures to train on, fewer than one minibatch of 64; .*-b"
    ):
        make(dataset, tmp_path, 1, batchsize=None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_run_after_the_iteration_with_its_state_saved(dataset, tmp_path, number):
    former = signal.getsignal(number)
    trainer = make(dataset, tmp_path, 100)

    @training.make_extension(trigger=(2, "iteration"), priority=1000)
    def interrupt(trainer):
        os.kill(os.getpid(), number)

    trainer.extend(interrupt)
    trainer.run()
    assert trainer.updater.iteration == 2
    assert (tmp_path / "snapshot_iter_2").exists()
    assert (tmp_path / "sheets" / "iter_000002.png").exists()
    assert signal.getsignal(number) is former


def test_example_script_is_the_command_lines_run(avatars, tmp_path):
    script = pathlib.Path(__file__).parents[2] / "examples" / "train_rezoolab.py"
    example, mine = tmp_path / "example", tmp_path / "mine"
    subprocess.run(
        [sys.executable, "-W", "error", script, avatars, example, "8", "3"],
        check=True,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    command = f"train --net rezoolab --data {avatars} --out {mine} -b 8 --iterations 3"
    assert main(command.split()) == 0
    with Image.open(example / "faces.png") as picture:
        assert picture.size == (512, 512)
    with (
        open_snapshot(example / "snapshot_iter_3") as a,
        open_snapshot(mine / "snapshot_iter_3") as b,
    ):
        names = [name for name in b.files if name.startswith("updater/")]
        assert len(names) > 60
        for name in names:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.mark.gpu
def test_gpu_follows_the_cpu(dataset, tmp_path):
    """The first iteration's losses are the CPU's; later ones drift apart by rounding."""
    losses = []
    for device in ("@numpy", "@cupy:0"):
        out = tmp_path / device[1:6]
        trainer = make(dataset, out, 1, device=device, log_interval=(1, "iteration"))
        if device != "@numpy":
            # Else the GPU draws z itself, and another one.
            trainer.updater._device_step.draw_z = trainer.updater.draw_z
        trainer.run()
        losses.append(json.loads((out / "log").read_text())[0])
    assert losses[0]["gen/loss"] == pytest.approx(losses[1]["gen/loss"], rel=1e-3)
    assert losses[0]["dis/loss"] == pytest.approx(losses[1]["dis/loss"], rel=1e-3)


@pytest.mark.gpu
def test_preloaded_on_the_gpu_the_first_iteration_is_that_of_the_file(dataset, tmp_path):
    losses = []
    for name, data in (("file", dataset), ("gpu", dataset.to_device("@cupy:0"))):
        options = {"device": "@cupy:0", "log_interval": (1, "iteration")}
        make(data, tmp_path / name, 1, **options).run()
        losses.append(json.loads((tmp_path / name / "log").read_text())[0]["dis/loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_iterates_over_worker_processes_too(dataset):
    iterator = chainer.iterators.MultiprocessIterator(dataset, 8, n_processes=2, shuffle=False)
    try:
        batch = iterator.next()
    finally:
        iterator.finalize()
    np.testing.assert_array_equal(np.stack(batch), dataset.pixels[:8])
