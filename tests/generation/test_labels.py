import numpy as np
import pytest

from illust_gan.errors import UserError
from illust_gan.generation.labels import COLOURS, REGIONS, colour_label, find_label


@pytest.fixture
def faces():
    """A red one and a white one, both black below the middle."""
    faces = np.zeros((2, 10, 10, 3), np.uint8)
    faces[0, :5, :, 0] = 100
    faces[1, :5] = 200
    return faces


@pytest.mark.parametrize(
    ("colour", "values"),
    [
        ("brightness", [29.9, 200]),
        ("red", [100, 0]),
        ("green", [-50, 0]),
        ("blue", [-50, 0]),
        ("saturation", [100, 0]),
    ],
)
def test_colours(faces, colour, values):
    np.testing.assert_allclose(colour_label(colour, "0.2,0,0.8,0.5")(faces), values)
    np.testing.assert_allclose(colour_label(colour, (0, 0.5, 1, 1))(faces), 0)
    np.testing.assert_allclose(colour_label(colour)(faces), np.array(values) / 2)


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_a_pixel(region):
    tiny = np.full((1, 2, 2, 3), 255, np.uint8)
    np.testing.assert_allclose(colour_label("brightness", region)(tiny), 255)


def test_grey_faces():
    grey = np.full((3, 8, 8, 1), 7, np.uint8)
    np.testing.assert_array_equal(colour_label("brightness", "hair")(grey), [7, 7, 7])
    with pytest.raises(UserError, match="--label red wants colours, and the faces are grey"):
        colour_label("red")(grey)


@pytest.mark.parametrize(
    "region", ["nose", "", "0,0,1", "0,0,1,2", "0.5,0,0.5,1", "0,nan,1,1", "1,0,0,1", None, (1, 2)]
)
def test_no_regions(region):
    with pytest.raises(
        UserError, match=r"--region is .*; wanted all, background, eye, hair, mouth, skin, or"
    ):
        colour_label("red", region)


def test_no_colour():
    with pytest.raises(UserError, match="--label is pink; wanted brightness, red"):
        colour_label("pink")


def test_darkness_is_measured_against_the_skin():
    faces = np.full((3, 100, 100, 3), 200, np.uint8)
    faces[0, 68:78, 42:58] = 50
    faces[1] = 0
    np.testing.assert_allclose(colour_label("darkness", "mouth")(faces), [0.75, 0, 0])
    np.testing.assert_allclose(colour_label("darkness", "mouth")(faces[..., :1]), [0.75, 0, 0])


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_is_found_by_its_name(faces, colour):
    np.testing.assert_array_equal(find_label(colour)(faces), colour_label(colour)(faces))
    part = "0.2,0,0.8,0.5"
    np.testing.assert_array_equal(
        find_label(colour, part)(faces), colour_label(colour, part)(faces)
    )


def test_a_function_is_found_by_its_name_or_as_it_is():
    assert find_label(len) is len
    assert find_label("illust_gan.generation.labels:colour_label") is colour_label


@pytest.mark.parametrize(
    ("label", "region", "pattern"),
    [
        (
            "pink",
            None,
            "^--label is pink; wanted brightness, .*, darkness, or a function of your",
        ),
        ("red:", "hair", "^--label is red:; wanted"),
        ("x\x1b", None, r"^--label is x\\x1b; wanted"),
        ("red", "nose", "^--region is nose; wanted"),
        (
            "no_labels:f",
            None,
            "^no label function no_labels:f: ModuleNotFoundError: .*my_labels:smile",
        ),
        (
            "math:pi",
            None,
            "^the label function math:pi is float; wanted a function of faces, uint8",
        ),
        ("math:sqrt", "all", "^--region all is where a colour is measured; beside a function as"),
        (len, (0, 0, 1, 1), r"^--region \(0, 0, 1, 1\) is where .* leave it out$"),
    ],
)
def test_what_is_no_label(label, region, pattern):
    with pytest.raises(UserError, match=pattern):
        find_label(label, region)
