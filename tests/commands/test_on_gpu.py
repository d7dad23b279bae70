"""The command line with ``-d 0``: a run that goes from the GPU to the CPU and back."""

import json

import numpy as np
import pytest
from PIL import Image

from illust_gan.commands.main import main

pytestmark = pytest.mark.gpu


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def log(folder):
    return [(e["iteration"], e["gen/loss"]) for e in json.loads((folder / "log").read_text())]


def test_a_run_moves_between_gpu_and_cpu(avatars, tmp_path, capsys):
    out = tmp_path / "run"
    train = "train --net rezoolab --data {d} --out {o} -b 2 -d 0 --init-std 0.05"
    assert run(f"{train} --iterations 4", d=avatars, o=out) == 0
    said = capsys.readouterr()
    assert "batches of 2 on @cupy:0" in said.out
    assert "captured" not in said.err
    for device, n in (("-1", 5), ("0", 6)):
        assert run(f"train --resume --out {{o}} -d {device} --iterations {n}", o=out) == 0
        assert json.loads((out / "options.json").read_text())["device"] == device
    assert [iteration for iteration, _ in log(out)] == [4, 5, 6]
    assert all(np.isfinite(loss) for _, loss in log(out))
    faces = []
    for device in ("0", "-1"):
        path = tmp_path / f"{device}.png"
        assert run(f"generate {out}/generator.npz -o {path} --n 4 -d {device}") == 0
        faces.append(np.asarray(Image.open(path)).astype(int))
    assert np.abs(faces[0] - faces[1]).max() <= 1
    assert faces[0].std() > 1


def test_stopped_and_resumed_is_the_same_run(avatars, tmp_path):
    train = "train --net rezoolab --data {d} --out {o} -b 2 -d 0 --no-graph --init-std 0.05"
    assert run(f"{train} --iterations 3", d=avatars, o=tmp_path / "whole") == 0
    assert run(f"{train} --iterations 2", d=avatars, o=tmp_path / "parts") == 0
    assert run("train --resume --out {o} --iterations 3", o=tmp_path / "parts") == 0
    whole, parts = (np.load(tmp_path / name / "generator.npz") for name in ("whole", "parts"))
    for name in whole.files:
        np.testing.assert_array_equal(parts[name], whole[name], err_msg=name)
