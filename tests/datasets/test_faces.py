import re
import shutil
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illust_gan.datasets import DatasetError
from illust_gan.datasets.cascades import BUNDLED, Cascade, bundled_path
from illust_gan.datasets.faces import (
    check_boxes,
    detector_name,
    face_square,
    find_detector,
    is_large_enough,
)


def find(spec):
    return find_detector(spec, min_face=40, neighbours=2)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of the user's in the current folder, as `own_faces`."""
    (tmp_path / "own_faces.py").write_text(
        "import own_corner\n"
        "def corner(pixels):\n"
        "    return [own_corner.BOX]\n"
        "class Finder:\n"
        "    def find(pixels):\n"
        "        return []\n"
        "    def __call__(self, pixels):\n"
        "        return []\n"
        "NUMBER = 3\n"
    )
    (tmp_path / "own_corner.py").write_text("BOX = (0, 0, 5, 5)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("own_faces", "own_corner", "own_broken"):
        sys.modules.pop(name, None)


def test_a_callable_is_a_detector_as_it_is():
    assert find(len) is len


@pytest.mark.parametrize("spec", ["frontalface_alt2", "haarcascade_frontalface_alt2.xml"])
def test_a_bundled_cascade_goes_by_both_its_names(spec):
    detector = find(spec)
    assert isinstance(detector, Cascade)
    assert detector.arguments == {
        "path": bundled_path("frontalface_alt2"),
        "min_face": 40,
        "neighbours": 2,
        "scale": 1.1,
    }


def test_a_file_is_a_cascade_and_goes_before_a_bundled_one(tmp_path, monkeypatch):
    for name in ("own.xml", "own.txt", "profileface"):
        shutil.copy(bundled_path("frontalface_alt2"), tmp_path / name)
        assert find(tmp_path / name).path == str(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert find("profileface").path == str(tmp_path / "profileface")


def test_a_missing_xml_file_is_named():
    with pytest.raises(DatasetError, match=r"^lbpcascade_animeface\.xml does not exist; wanted"):
        find("lbpcascade_animeface.xml")


def test_a_function_of_the_current_folder_is_imported(own):
    assert find("own_faces:corner")(None) == [(0, 0, 5, 5)]
    assert find("own_faces:Finder.find")(None) == []


def test_a_function_needs_no_opencv(own, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert find("own_faces:corner")(None) == [(0, 0, 5, 5)]


def test_the_current_folder_hides_no_other_module(own):
    (own / "colorsys.py").write_text("def rgb_to_hsv(): pass")
    sys.modules.pop("colorsys", None)
    assert str(own) not in sys.modules[find("colorsys:rgb_to_hsv").__module__].__file__


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "own_none:find",
            r"own_none:find: ModuleNotFoundError: No module named 'own_none'; wanted",
        ),
        ("own_faces:find", r"own_faces:find: AttributeError: .*'find'; wanted a function"),
        ("own_faces.py:corner", r"own_faces\.py:corner: ModuleNotFoundError: .*such as my_faces:"),
        ("own_broken:find", r"own_broken:find: SystemExit: usage\\nof a script; wanted"),
        ("own_faces:NUMBER", r"own_faces:NUMBER is int; wanted a function"),
    ],
)
def test_a_function_that_cannot_be_had_is_told_in_one_sentence(own, spec, message):
    (own / "own_broken.py").write_text("raise SystemExit('usage\\nof a script')")
    with pytest.raises(DatasetError, match=rf"face detector {message}"):
        find(spec)


@pytest.mark.parametrize("spec", ["", "eye", "haarcascade_eye", ":f", "a:", "a b:c", "a:b:c", "\0"])
def test_what_is_no_detector_is_told_with_what_would_be(spec):
    shown = re.escape(spec.replace("\0", r"\x00"))
    with pytest.raises(DatasetError, match=f"no face detector «{shown}»; wanted") as caught:
        find(spec)
    assert str(caught.value).endswith(", ".join(BUNDLED))


def test_every_detector_has_a_name(own):
    assert detector_name(find("profileface")) == "haarcascade_profileface.xml"
    assert detector_name(find("own_faces:corner")) == "own_faces:corner"
    assert detector_name(find("own_faces:Finder")()) == "own_faces:Finder"


@pytest.mark.parametrize("boxes", [None, (), [], [[]], np.zeros((0, 4)), np.zeros((0, 5), int)])
def test_no_face_in_any_shape_is_no_box(boxes):
    assert check_boxes(boxes, 80, 60) == []


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda x: np.array(x, np.float32)])
def test_boxes_come_as_lists_tuples_or_arrays(kind):
    boxes = check_boxes(kind([(1, 2, 30, 40)]), 80, 60)
    assert boxes == [(1, 2, 30, 40)]
    assert type(boxes[0]) is tuple
    assert all(type(edge) is int for edge in boxes[0])


def test_boxes_are_in_reading_order():
    boxes = [(30, 20, 40, 30), (0, 20, 9, 30), (50, 10, 60, 20), (0, 20, 9, 25)]
    assert check_boxes(boxes, 80, 60) == [boxes[2], boxes[3], boxes[1], boxes[0]]


def test_fractions_are_rounded_outward():
    assert check_boxes([(1.9, 2.1, 3.1, 3.9)], 80, 60) == [(1, 2, 4, 4)]


def test_what_juts_out_of_the_picture_is_cut_off():
    assert check_boxes([(-5, -1e30, 1e30, 61)], 80, 60) == [(0, 0, 80, 60)]
    assert check_boxes([(79.5, 0, 90, 0.5)], 80, 60) == [(79, 0, 80, 1)]


@pytest.mark.parametrize(
    ("boxes", "returned"),
    [
        ([(40, 30, 20, 20)], r"\(40\.0, 30\.0, 20\.0, 20\.0\) in a picture of 80×60"),
        ([(0, 0, 9, 9), (5, 5, 5, 9)], r"\(5\.0, 5\.0, 5\.0, 9\.0\) in"),
        ([(0, 0, np.nan, 9)], r"\(0\.0, 0\.0, nan, 9\.0\) in"),
        ([(0, 0, np.inf, 9)], r"\(0\.0, 0\.0, inf, 9\.0\) in"),
        ([(80, 0, 90, 9)], r"\(80\.0, 0\.0, 90\.0, 9\.0\) in"),
        ([(0, -9, 9, 0)], r"\(0\.0, -9\.0, 9\.0, 0\.0\) in"),
        ((1, 2, 30, 40), r"numbers of shape \(4,\)"),
        ([(1, 2, 30, 40, 0.99)], r"numbers of shape \(1, 5\)"),
        ([(1, 2, 30, 40), (1, 2)], r"\[\(1, 2, 30, 40\), \(1, 2\)\]"),
        ([("1", "2", "30", "40")], r"\[\('1', '2', '30', '40'\)\]"),
        ([(True, True, True, True)], r"\[\(True,"),
        ({"box": 3}, r"\{'box': 3\}"),
        ("none", "'none'"),
        (5, r"numbers of shape \(\)"),
    ],
)
def test_what_is_no_box_is_told_with_the_detectors_name(boxes, returned):
    message = rf"^own:find returned {returned}.*; wanted one \(left, top, right, bottom\) a face"
    with pytest.raises(DatasetError, match=message):
        check_boxes(boxes, 80, 60, detector="own:find")


def test_an_array_that_does_not_convert_is_told_too():
    class OnAnotherDevice:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("it is on a GPU")

        def __repr__(self):
            return "boxes\non a GPU"

    with pytest.raises(DatasetError, match=r"the detector returned boxes\\non a GPU; wanted"):
        check_boxes(OnAnotherDevice(), 80, 60)


@pytest.mark.parametrize(("box", "large"), [((5, 5, 45, 99), True), ((5, 5, 99, 44), False)])
def test_the_shorter_edge_makes_a_face_large_enough(box, large):
    assert is_large_enough(box, 40) is large


def test_the_square_is_moved_and_shrunk_into_the_picture():
    assert face_square((90, 90, 100, 98), 100, 100, 0.5) == (80, 80, 100, 100)
    assert face_square((10, 0, 40, 50), 60, 50, 1.0) == (0, 0, 50, 50)
    assert face_square((0, 5, 90, 15), 100, 20, 0.0) == (35, 0, 55, 20)


@st.composite
def boxes_in_pictures(draw):
    width, height = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    return (left, top, right, bottom), width, height


@settings(deadline=None)
@given(boxes_in_pictures(), st.floats(0, 3))
def test_the_square_lies_in_the_picture_and_holds_the_face(box_and_size, margin):
    box, width, height = box_and_size
    left, top, right, bottom = face_square(box, width, height, margin)
    assert all(type(edge) is int for edge in (left, top, right, bottom))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    edge = right - left
    assert edge == bottom - top
    longer = max(box[2] - box[0], box[3] - box[1])
    assert edge == min(width, height) or abs(edge - longer * (1 + 2 * margin)) <= 0.5
    assert 2 * left <= box[0] + box[2] <= 2 * right
    assert 2 * top <= box[1] + box[3] <= 2 * bottom
    if longer <= min(width, height):
        assert left <= box[0]
        assert top <= box[1]
        assert right >= box[2]
        assert bottom >= box[3]
    if left > 0 and right < width:
        assert abs((box[0] + box[2]) - (left + right)) <= 1
    if top > 0 and bottom < height:
        assert abs((box[1] + box[3]) - (top + bottom)) <= 1
