import itertools

import numpy as np
import pytest

import illust_gan
from illust_gan.datasets import DatasetError, avatars, make_avatars
from illust_gan.datasets.avatar_styles import DEFAULT_STYLES, OPTIONS
from illust_gan.datasets.checking import check
from illust_gan.datasets.description import describe


def test_faces_are_drawn_and_credited(tmp_path):
    dataset = make_avatars(tmp_path / "data" / "avatars-64", n=30)
    assert dataset.pixels.shape == (30, 64, 64, 3)
    assert len({picture.tobytes() for picture in dataset}) == 30
    manifest = dataset.manifest
    assert manifest["sources"] == [{"style": style, "count": 10} for style in DEFAULT_STYLES]
    assert [line["style"] for line in manifest["credits"]] == list(DEFAULT_STYLES)
    assert manifest["credits"][0]["license"] == "CC0 1.0"
    settings = manifest["settings"]
    assert (settings["size"], settings["n"], settings["seed"]) == (64, 30, 0)
    assert settings["resvg"].startswith("0.2")


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    paths = [make_avatars(tmp_path / folder / "a", n=9, seed=3).path for folder in "xy"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    json = [path.with_suffix(".json").read_bytes() for path in paths]
    assert json[0] == json[1]


def test_another_seed_gives_other_faces(tmp_path):
    zero, one = (make_avatars(tmp_path / f"{seed}", n=6, seed=seed) for seed in (0, 1))
    assert not any((a == b).all() for a in zero for b in one)


def test_a_smaller_set_is_the_beginning_of_a_larger_one(tmp_path):
    small, large = (make_avatars(tmp_path / f"{n}", n=n) for n in (5, 12))
    np.testing.assert_array_equal(small.pixels, large.pixels[:5])


def test_a_size_only_changes_the_size(tmp_path):
    small, large = (make_avatars(tmp_path / f"{size}", n=6, size=size) for size in (32, 64))
    halved = large.pixels.reshape(6, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.abs(small.pixels - halved).mean() < 4


def test_the_faces_of_a_style_do_not_depend_on_the_others(tmp_path):
    alone = make_avatars(tmp_path / "alone", n=3, styles=("toon-head",))
    mixed = make_avatars(tmp_path / "mixed", n=6, styles=("micah", "toon-head"))
    np.testing.assert_array_equal(alone.pixels, mixed.pixels[1::2])
    assert alone.manifest["sources"] == [{"style": "toon-head", "count": 3}]


@pytest.mark.parametrize("style", OPTIONS)
def test_every_style_draws_a_face_that_fills_the_frame(style):
    stream = avatars._distinct_faces(style, 64, 0)
    faces = np.stack(list(itertools.islice(stream, 12))).astype(int)
    # The corners hold the background more often than not; the middle hardly ever does.
    background = np.median(faces[:, [0, 0, 1, 1], [0, -1, 0, -1]], axis=1)
    middle = faces[:, 16:48, 16:48]
    face = np.abs(middle - background[:, None, None]).sum(axis=3) > 24
    assert face.mean() > 0.6
    assert len({tuple(colour) for colour in background}) > 3


def test_no_design_comes_twice(monkeypatch):
    plain = {
        option: value
        for option, value in OPTIONS["toon-head"].items()
        if not option.endswith(("Color", "Variant"))
    }
    few = {
        **plain,
        "hairColor": ["#d8402f", "#3f6fd1"],
        "skinColor": ["#fde3d3"],
        "eyesVariant": ["wide"],
        "eyebrowsVariant": ["happy"],
        "hairVariant": ["bun", "spiky"],
        "mouthVariant": ["smile"],
        "rearHairProbability": 0,
    }
    monkeypatch.setitem(OPTIONS, "toon-head", few)
    monkeypatch.setattr(avatars, "_MAX_REPEATS", 40)
    # Clothes, background, tilt and place go on changing: none of them makes a new face.
    stream = avatars._distinct_faces("toon-head", 16, 0)
    assert len(list(itertools.islice(stream, 4))) == 4
    with pytest.raises(DatasetError, match="toon-head gives no more than 4 distinct faces; ask"):
        next(stream)


def test_a_blank_drawing_is_an_error(tmp_path, monkeypatch):
    # The order of the matrix in SVG, in which resvg draws nothing and does not complain.
    monkeypatch.setattr(avatars, "_IDENTITY", (1, 0, 0, 1, 0, 0))
    with pytest.raises(DatasetError, match=r"resvg 0\.2\S* drew a face as one plain colour"):
        make_avatars(tmp_path / "blank", n=3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, 7, 4097])
def test_sizes_out_of_range(tmp_path, size):
    with pytest.raises(DatasetError, match=f"size is {size}; wanted 8 to 4096 pixels"):
        make_avatars(tmp_path / "a", size=size)


def test_no_face_is_not_a_set(tmp_path):
    with pytest.raises(DatasetError, match="n is 0; wanted at least 1 face"):
        make_avatars(tmp_path / "a", n=0)


def test_the_smallest_size_has_faces(tmp_path):
    assert make_avatars(tmp_path / "a", size=8, n=30).size == 8


def test_a_taken_name_is_refused_unless_told(tmp_path):
    make_avatars(tmp_path / "a", n=1)
    with pytest.raises(DatasetError, match="exists already"):
        make_avatars(tmp_path / "a", n=2)
    assert len(make_avatars(tmp_path / "a", n=2, overwrite=True)) == 2


def test_labels_are_styles_and_the_faces_stay_the_same(tmp_path):
    styles = ("toon-head", "lorelei")
    plain = make_avatars(tmp_path / "plain", n=9, size=28, styles=styles)
    labelled = make_avatars(tmp_path / "labelled", n=9, size=28, styles=styles, labels="style")
    assert plain.labels is None
    assert plain.path.read_bytes() == labelled.path.read_bytes()
    assert labelled.label_names == styles
    assert labelled.labels.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    check(labelled)
    found = describe(labelled)
    assert found["labels"]["counts"] == {"toon-head": 5, "lorelei": 4}
    # Nothing was compared with anything.
    assert found["duplicates"] is None
    for one, other in zip(plain.split(0.5), labelled.split(0.5)):
        np.testing.assert_array_equal(one.indexes, other.indexes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"styles": ("lorelei",)}, "labels by style for 4 faces in 1 style; wanted two styles"),
        ({"n": 1}, "labels by style for 1 face in 3 styles; wanted two styles and two faces"),
        ({"labels": "hair"}, "labels is hair; wanted none or style"),
    ],
)
def test_labels_that_are_none(tmp_path, options, message):
    with pytest.raises(DatasetError, match=message):
        make_avatars(tmp_path / "a", **{"n": 4, "labels": "style", **options})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_on_stderr_and_only_when_wanted(tmp_path, capsys, progress):
    make_avatars(tmp_path / "a", n=2, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("2/2" in err) == progress


def test_it_is_a_public_name():
    assert illust_gan.make_avatars is make_avatars
