"""The trained generators that come with the package."""

import pathlib
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.directions import check_directions
from illust_gan.generation.labels import colour_label
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from illust_gan.serializers import models
from illust_gan.serializers.models import find_snapshot, list_models
from illust_gan.serializers.reader import SnapshotError

ROOT = pathlib.Path(illust_gan.__file__).parent.parent
MODELS = list_models()


def test_there_are_some():
    assert MODELS
    assert [model.name for model in MODELS] == sorted(p.name for p in (ROOT / "models").iterdir())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_draws_the_faces_of_its_sheet(model):
    gen = illust_gan.load_generator(model.name)
    drawn = np.asarray(illust_gan.sheet(illust_gan.generate(gen, 64), columns=8)).astype(int)
    sheet = np.asarray(Image.open(model.folder / "sheet.png")).astype(int)
    assert drawn.shape == sheet.shape
    # Rounding differs from machine to machine.
    assert np.abs(drawn - sheet).max() <= 2
    # Neither blank nor all alike.
    size = gen.size
    faces = illust_gan.generate(gen, 16).astype(float)
    assert faces.shape[1] == size
    assert faces.std(axis=(1, 2, 3)).min() > 20
    assert faces.std(axis=0).mean() > 10


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_says_what_it_is(model):
    card = (model.folder / "card.md").read_text(encoding="utf-8")
    assert card.startswith(f"# {model.name}: ")
    assert model.title.startswith(model.name)
    for section in ("## Data", "## Training", "## What it cannot do"):
        assert section in card
    for word in ("illust-gan dataset avatars", "illust-gan train", "CC BY 4.0", "--seed", "cores"):
        assert word in card
    assert sorted(p.name for p in model.folder.iterdir()) == [
        "card.md", "directions.npz", "generator.npz", "sheet.png",
    ]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_has_directions_that_do_what_they_say(model):
    gen = illust_gan.load_generator(model.name)
    directions = illust_gan.load_directions(model.name)
    check_directions(directions, gen)
    z = pick_z(range(32), gen.n_hidden)
    measures = {
        "light hair": colour_label("brightness", "hair"),
        "orange hair": colour_label("red", "hair"),
        # Where much blue in it leads.
        {"rezoolab": "purple hair", "maccha": "blue hair"}[directions.net]: colour_label(
            "blue", "hair"
        ),
        "fair skin": colour_label("brightness", "skin"),
        "open eyes": colour_label("darkness", "eye"),
        "open mouth": colour_label("darkness", "mouth"),
        "blue background": colour_label("blue", "background"),
    }
    assert sorted(directions.names) == sorted(measures)
    for name, measure in measures.items():
        less, more = (
            measure(draw(gen, illust_gan.apply_direction(z, directions[name], strength)))
            for strength in (-2, 2)
        )
        # Of all faces, and of most of them one by one.
        assert more.mean() > less.mean() + 0.5 * less.std(), name
        assert (more > less).mean() > 2 / 3, name
        assert name in (model.folder / "card.md").read_text(encoding="utf-8")


def test_names_go_where_paths_go(tmp_path, capsys, monkeypatch):
    name = MODELS[0].name
    assert main(["generate", name, "-o", str(tmp_path / "faces.png"), "--n", "2"]) == 0
    assert main(["inspect", name]) == 0
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert f"2 faces of {'64×64' if 'rezoolab' in name else '96×96'}" in said
    assert re.search(rf"^{name} +{name}: ", said, re.M)
    # A file of that name goes first.
    monkeypatch.chdir(tmp_path)
    assert find_snapshot(name) == str(MODELS[0].generator)
    (tmp_path / name).write_bytes(b"PK")
    assert find_snapshot(name) == name


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("boxes", "or a model: faces, foxes \\(perhaps foxes\\)"),
        ("mona-lisa", "or a model: faces, foxes"),
        ("gen.npz", "give the path of a snapshot"),
        ("folder/mona-lisa", "give the path of a snapshot"),
    ],
)
def test_other_names_are_told_which_there_are(tmp_path, monkeypatch, given, answer):
    for name in ("faces", "foxes"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "generator.npz").touch()
    monkeypatch.setattr(models, "_FOLDERS", (tmp_path / "models",))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SnapshotError, match=rf"^{given} does not exist; .*{answer}$"):
        illust_gan.load_generator(given)


def test_of_one_model_none_is_likelier(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = MODELS[0].name
    monkeypatch.setattr(models, "list_models", lambda: MODELS[:1])
    with pytest.raises(SnapshotError, match=f"; give the path of a snapshot, or a model: {name}$"):
        illust_gan.load_generator(name[:-2])


def test_a_wheel_has_them(tmp_path):
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for model in MODELS:
        packed = tmp_path / "illust_gan" / "models" / model.name
        assert sorted(p.name for p in packed.iterdir()) == [
            "card.md", "directions.npz", "generator.npz", "sheet.png",
        ]  # fmt: skip
    assert zipfile.is_zipfile(packed / "generator.npz")
