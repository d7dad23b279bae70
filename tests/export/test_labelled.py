"""Generators of which one label was chosen: as a model, and as a page."""

import itertools
import json
import os

import numpy as np
import pytest

import illust_gan
from illust_gan.export import onnx as module
from illust_gan.export.agreement import BOUND, HALF_BOUND
from illust_gan.export.errors import ExportError
from illust_gan.nets.latent import draw_z
from tests.export.conftest import serving
from tests.export.generators import LABELS, labelled
from tests.export.looking import await_face, difference, open_page, set_slider, sheet_pixels, text
from tests.export.test_onnx import draw, draw_by_chainer

onnx = pytest.importorskip("onnx")


@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize("size", [28, 64])
def test_pictures_are_those_of_the_label(size, channels, half, tmp_path):
    gen = labelled(size, channels)
    bound = HALF_BOUND if half else BOUND
    z = draw_z(5, gen.n_hidden, rng=np.random.RandomState(1))
    pictures = []
    for label in LABELS:
        one, path = illust_gan.with_label(gen, label), tmp_path / f"{label}.onnx"
        assert illust_gan.export_onnx(one, path, half=half) <= bound
        drawn = draw(path, z)
        assert (drawn.dtype, drawn.shape) == (np.float32, (5, channels, size, size))
        assert drawn.min() < -0.9
        assert drawn.max() > 0.9
        np.testing.assert_allclose(drawn, draw_by_chainer(one, z), rtol=0, atol=bound)
        told = {p.key: p.value for p in onnx.load(path).metadata_props}
        assert (told["net"], told["label"]) == ("kim-conditional", label)
        pictures.append(drawn)
    for a, b in itertools.combinations(pictures, 2):
        assert np.abs(a - b).mean() > 0.2


@pytest.mark.parametrize("layer", ["g_h2", "g_h3"])
def test_a_label_adds_more_than_a_bias(layer, tmp_path, monkeypatch):
    def with_means(net, n_hidden, read_steps=module.read_steps):
        steps = read_steps(net, n_hidden)
        (step,) = (step for step in steps if getattr(step, "name", None) == layer)
        step.b = step.b.mean(axis=(1, 2))
        return steps

    monkeypatch.setattr(module, "read_steps", with_means)
    gen = illust_gan.with_label(labelled(), "cats")
    with pytest.raises(ExportError, match=r"differ from Chainer's by \d\.\de[-+]0[01] where"):
        illust_gan.export_onnx(gen, tmp_path / "gen.onnx")


def test_without_a_label_it_says_how_to_choose_one(tmp_path):
    wanted = "choose it with illust_gan.with_label: cats, dogs, birds$"
    with pytest.raises(ExportError, match=wanted):
        illust_gan.export_onnx(labelled(), tmp_path / "gen.onnx")
    with pytest.raises(ExportError, match=wanted):
        illust_gan.export_web(labelled(), tmp_path / "page")
    assert os.listdir(tmp_path) == []


def test_a_page_draws_the_faces_of_the_label(browser, page, tmp_path):
    gen = illust_gan.with_label(labelled(), "dogs")
    illust_gan.export_web(gen, tmp_path / "page")
    settings = json.loads((tmp_path / "page" / "site.json").read_text(encoding="utf-8"))
    assert settings["name"] == "kim-conditional: dogs"
    with serving(tmp_path / "page") as address:
        open_page(browser, address)
        assert text(browser, "name") == "kim-conditional: dogs"
        assert browser.title == "kim-conditional: dogs – illust-gan"
        faces = illust_gan.generate(gen, 20)
        assert difference(sheet_pixels(browser), faces) <= 2
        directions = illust_gan.sefa(gen, 8)
        z = illust_gan.pick_z([0], gen.n_hidden)
        set_slider(browser, 1, 2.5)
        moved = illust_gan.apply_direction(z, directions.vectors[0], 2.5)
        await_face(browser, illust_gan.draw(gen, moved)[0])
        assert difference(illust_gan.draw(gen, moved)[0], faces[0]) > 20


def test_a_page_of_a_name_has_that_heading(page, tmp_path):
    gen = illust_gan.with_label(labelled(), "dogs")
    illust_gan.export_web(gen, tmp_path / "page", name="My pets")
    settings = json.loads((tmp_path / "page" / "site.json").read_text(encoding="utf-8"))
    assert settings["name"] == "My pets"
