"""`illust-gan directions fit` to a label function of the user's; the rest is in test_directions."""

import sys

import numpy as np
import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.direction_file import load_directions
from illust_gan.generation.supervised import fit_label


@pytest.fixture(scope="module")
def snapshot(trained):
    return str(trained / "generator.npz")


def fit(snapshot, out, arguments):
    return main(["directions", "fit", snapshot, "-o", str(out), *arguments.split()])


@pytest.fixture
def own_labels(tmp_path_factory, monkeypatch):
    """A module of the user's in the current folder, as `own_labels`."""
    folder = tmp_path_factory.mktemp("labels")
    (folder / "own_labels.py").write_text(
        "import numpy as np\n"
        "def redness(faces):\n"
        "    assert faces.dtype == np.uint8 and faces.shape[1:] == (64, 64, 3)\n"
        "    return faces[..., 0].mean(axis=(1, 2))\n"
        "def is_red(faces):\n"
        "    return redness(faces) > np.median(redness(faces))\n"
        "def broken(faces):\n"
        "    return faces[0] / None\n"
        "def total(faces):\n"
        "    return faces.sum()\n"
    )
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("own_labels", None)


@pytest.mark.parametrize("function", ["redness", "is_red"])
def test_fit_to_a_function_of_ones_own(snapshot, own_labels, tmp_path, function):
    options = f"--name red --label own_labels:{function} --samples 40 --seed 3"
    assert fit(snapshot, tmp_path / "d.npz", options) == 0
    gen = illust_gan.load_generator(snapshot)
    label = getattr(sys.modules["own_labels"], function)
    wanted = fit_label(gen, label, name="red", samples=40, seed=3)
    np.testing.assert_array_equal(load_directions(tmp_path / "d.npz")["red"], wanted.vectors[0])


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("--label none:f", "no label function none:f: ModuleNotFoundError: No module named 'none'"),
        ("--label own_labels:blue", "no label function own_labels:blue: AttributeError: "),
        ("--label own_labels:np", "the label function own_labels:np is module; wanted a function"),
        (
            "--label own_labels:broken --samples 10",
            "the label function own_labels:broken failed on 10 faces: TypeError: unsupported",
        ),
        (
            "--label own_labels:total --samples 10",
            "own_labels:total returned uint64 of shape () for 10 faces; wanted one number or",
        ),
        ("--label own_labels:redness --region hair", "--region hair is where a colour is measured"),
        ("--with 1 --without 2 --region hair", "beside --with and --without leave it out"),
        ("--label pink", "--label is pink; wanted brightness, red, green, blue, saturation, darkn"),
    ],
)
def test_labels_that_cannot_be_used(snapshot, own_labels, tmp_path, capsys, arguments, pattern):
    assert fit(snapshot, tmp_path / "d.npz", f"--name x {arguments}") == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
