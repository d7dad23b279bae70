"""A newcomer's first minutes, typed into the installed command line."""

import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def type_in(tmp_path):
    program = shutil.which("illust-gan", path=str(pathlib.Path(sys.executable).parent))
    assert program, "the tests want the package installed: make install"

    def type_in(command):
        return subprocess.run(
            [program, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return type_in


def test_from_nothing_to_faces(type_in, tmp_path):
    result = type_in("dataset avatars data/avatars-64.npy --n 20 --seed 1")
    assert result.returncode == 0, result.stderr
    assert "20 faces of 64×64 in data/avatars-64.npy" in result.stdout

    # Large initial weights: with the article's, three iterations draw nothing but grey.
    result = type_in(
        "train --net rezoolab --data data/avatars-64.npy -b 4 --iterations 3 --init-std 0.1"
    )
    assert result.returncode == 0, result.stderr
    sheet = result.stdout.splitlines()[-1].removeprefix("last sheet: ")
    assert sheet == "results/000-rezoolab-avatars-64/sheets/iter_000003.png"
    with Image.open(tmp_path / sheet) as picture:
        assert picture.size == (512, 512)

    result = type_in("generate results/000-rezoolab-avatars-64/snapshot_iter_3 -o faces.png --n 9")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("\n9 faces of 64×64, seed 0, in faces.png\n")
    with Image.open(tmp_path / "faces.png") as picture:
        pixels = np.asarray(picture)
    assert pixels[:64, :512].std() > 0


def test_mistakes_are_told_without_a_traceback(type_in):
    result = type_in("generate nothing.npz -o faces.png")
    assert result.returncode == 2
    assert result.stderr == (
        "illust-gan: nothing.npz does not exist; give the path of a snapshot\n"
    )
