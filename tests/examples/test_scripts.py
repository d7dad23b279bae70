"""The scripts run as a newcomer runs them: from another folder, each by itself."""

import pathlib
import re
import runpy
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import illust_gan

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
# tests/training/test_trainer.py compares it with the command line's run.
TESTED_ELSEWHERE = {"train_rezoolab.py"}

# What each is given, beside its own defaults, to have little to do; the pictures that it makes
# then, with their sizes; what it makes besides; and something of what it says.
RUNS = {
    "draw_faces.py": (
        ["--numbers"],
        {"faces.png": (512, 512)},
        [],
        r"^64 faces of 64×64 in faces\.png$",
    ),
    "walk_between_faces.py": (
        ["--frames", "2"],
        {"walk.gif": (192, 192)},
        [],
        r"^10 frames in walk\.gif$(?s:.*) 5\.\d spherical\n +4\.\d linear$",
    ),
    "find_neighbours.py": (
        [],
        {"neighbours.png": (512, 384)},
        [],
        r"in neighbours\.png$(?s:.*)^ +1\.00 +\d\d\.\d +\d+\.\d$",
    ),
    "do_arithmetic.py": ([], {"arithmetic.png": (448, 272)}, [], r"in arithmetic\.png$"),
    "find_directions.py": (
        ["--n", "2"],
        {"directions.png": (448, 128)},
        ["directions.npz"],
        r"^2 directions in directions\.npz, .* in directions\.png$",
    ),
    # A hundred levels or more of what was meant, less than thirty of what was not.
    "fit_a_direction.py": (
        ["--samples", "200"],
        {"red-hair.png": (448, 384)},
        [],
        r"in red-hair\.png$\n.*_hair changes by 1\d\d of .*\n.*_skin changes by [12]?\d of ",
    ),
    "project_a_picture.py": (
        ["--steps", "2"],
        {"projected.png": (256, 64)},
        [],
        r"^picture and face are \d+\.\d of 255 levels apart, see projected\.png$",
    ),
    "export_to_onnx.py": (
        [],
        {"faces.onnx.png": (512, 256)},
        ["faces.onnx"],
        r"^faces\.onnx, .* in faces\.onnx\.png$\n.* by [01] of 255 .*\n.*\b4 ConvTranspose\b",
    ),
    "make_a_web_page.py": (
        [],
        {},
        ["page/index.html", "page/generator.onnx", "page/runtime/ort.wasm.gz"],
        r"^  7\.2 MB  page/generator\.onnx$(?s:.*)^ 15\.\d MB in all; look at it with: illust-gan",
    ),
    "load_an_old_snapshot.py": (
        [GOLDEN / "maccha-gen-chainer1.5.1.h5"],
        {"old-faces.png": (768, 384)},
        [],
        r"in old-faces\.png$\nread as of Chainer 1\.5: 0\.00%.*\nread as of Chainer 1\.24: [1-9]",
    ),
    "train_on_a_folder.py": (
        ["drawings", "--iterations", "2"],
        {"my-run/faces.png": (512, 512), "my-run/sheets/iter_000002.png": (512, 512)},
        ["my-run/generator.npz", "my-run/log", "my-run/snapshot_iter_2"],
        r"^40 pictures; left out: {'format': 1}$(?s:.*)^generator\.npz and faces\.png in my-run$",
    ),
    "learn_labels.py": (
        ["--iterations", "2", "--n", "40"],
        {"labels-run/labels.png": (224, 84), "labels-run/sheets/iter_000002.png": (224, 84)},
        ["labels-run/generator.npz", "labels-run/log", "labels-run/snapshot_iter_2"],
        r"^lorelei, adventurer, toon-head: generator\.npz and labels\.png in labels-run$",
    ),
}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawings")
    pixels = illust_gan.make_avatars(tmp_path_factory.mktemp("data") / "40", n=40, seed=0).pixels
    for i in range(40):
        Image.fromarray(pixels[i]).save(folder / f"{i:02}.png")
    (folder / "broken.png").write_text("not a picture")
    return folder


def rows_of_the_table():
    """The script, and the names in the column after it, of each row of examples/README.md."""
    rows = re.findall(
        r"^\| .* \| \[`(\S+)`\]\((\S+)\) \| (.*) \|$",
        (FOLDER / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert all(name == link for name, link, _ in rows)
    return {name: re.findall(r"`(.+?)`", makes) for name, _, makes in rows}


def test_each_script_is_in_the_table_and_tested():
    scripts = {path.name for path in FOLDER.glob("*.py")}
    assert scripts == set(rows_of_the_table())
    assert scripts == RUNS.keys() | TESTED_ELSEWHERE


def test_links_of_the_readme():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\((\S+)\)", text) if not (FOLDER / link).exists()] == []


@pytest.mark.parametrize("script", RUNS)
def test_runs(script, tmp_path, drawings):
    arguments, pictures, others, says = RUNS[script]
    (tmp_path / "drawings").symlink_to(drawings)
    # A copy, to see that it needs nothing that lies beside it.
    shutil.copy(FOLDER / script, tmp_path)
    command = [sys.executable, "-W", "error", script, *arguments]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
    assert re.search(says, result.stdout, re.MULTILINE), result.stdout
    made = {path.name for path in tmp_path.iterdir()} - {script, "drawings"}
    assert made == {name.split("/")[0] for name in [*pictures, *others]}
    for name in others:
        assert (tmp_path / name).stat().st_size > 0
    # Two iterations hardly leave the grey from which training starts.
    n_colours = 20 if script in ("train_on_a_folder.py", "learn_labels.py") else 100
    for name, size in pictures.items():
        with Image.open(tmp_path / name) as picture:
            assert picture.size == size
            assert len(picture.convert("RGB").getcolors(2**24)) > n_colours, name
    # Of a folder the table has the name, and some of what is in it.
    told = {part for name in [*pictures, *others] for part in re.findall(r"[^/]+/?", name)}
    assert set(rows_of_the_table()[script]) <= told


def test_the_walk_moves(tmp_path):
    shutil.copy(FOLDER / "walk_between_faces.py", tmp_path)
    command = [sys.executable, "walk_between_faces.py", "-o", "walk.webp", "--faces", "13,37"]
    subprocess.run([*command, "--frames", "2"], cwd=tmp_path, check=True, capture_output=True)
    with Image.open(tmp_path / "walk.webp") as film:
        assert film.n_frames == 4
        first = np.asarray(film.convert("RGB")).astype(int)
        film.seek(1)
        assert np.abs(np.asarray(film.convert("RGB")) - first).mean() > 5


@pytest.mark.parametrize("script", RUNS)
def test_a_mistake_gets_one_sentence(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script, "missing"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(FOLDER / script), run_name="__main__")
    assert caught.value.code == 2
    assert re.search(rf"\n{script}: error: missing does not exist; .+\n\Z", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []
