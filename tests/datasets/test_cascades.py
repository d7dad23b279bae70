import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from illust_gan.datasets import DatasetError
from illust_gan.datasets.cascades import BUNDLED, MAX_EDGE, Cascade, bundled_path
from illust_gan.datasets.faces import check_boxes, face_square
from tests.datasets.face_page import COLUMNS, ROWS, TILE, corners, draw_page

WHOLE = Path(bundled_path("frontalface_alt2")).read_bytes()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return draw_page(tmp_path_factory.mktemp("faces"))


def cascade(**arguments):
    arguments = {"min_face": 48, "neighbours": 2, **arguments}
    return Cascade(bundled_path("frontalface_alt2"), **arguments)


def overlap(a, b):
    """Intersection over union."""
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return width * height / (sum(areas) - width * height)


def test_a_page_of_faces_gives_its_faces_and_nothing_else(page):
    height, width = page.shape[:2]
    boxes = check_boxes(cascade()(page), width, height)
    assert len(boxes) == COLUMNS * ROWS
    for left, top in corners():
        tile = (left, top, left + TILE, top + TILE)
        squares = [face_square(box, width, height, 0.25) for box in boxes]
        assert sum(overlap(square, tile) > 0.5 for square in squares) == 1


def test_a_large_page_is_searched_shrunk_and_its_boxes_scaled_back(page):
    large = cv2.resize(page, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    assert max(large.shape) > 1.5 * MAX_EDGE
    found = cascade(min_face=240)(large)
    assert len(found) >= 10
    tiles = [tuple(5 * x for x in (a, b, a + TILE, b + TILE)) for a, b in corners()]
    assert all(max(overlap(box, tile) for tile in tiles) > 0.25 for box in found)


def test_a_huge_picture_is_not_searched_for_its_smallest_faces(page):
    huge = np.full((len(page), 6 * MAX_EDGE, 3), 255, np.uint8)
    huge[:, : page.shape[1]] = page
    assert len(cascade(min_face=10)(huge)) == 0
    assert len(cascade(min_face=10)(huge[:, :MAX_EDGE])) >= COLUMNS * ROWS


def test_faces_down_to_half_the_wanted_size_are_found(page):
    shortest = int(np.ptp(cascade()(page)[:, ::2], axis=1).min())
    assert len(cascade(min_face=2 * shortest)(page)) == COLUMNS * ROWS
    assert len(cascade(min_face=4 * TILE)(page)) == 0


def test_more_neighbours_find_fewer_faces(page):
    assert len(cascade(neighbours=12)(page)) < len(cascade(neighbours=1)(page))


def test_memory_may_lie_in_any_order_and_is_not_written_to(page):
    mirrored = page[:, ::-1]
    mirrored.flags.writeable = False
    found = cascade()(mirrored)
    assert len(found)
    np.testing.assert_array_equal(found, cascade()(mirrored.copy()))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (9000, 2), (23, 23), (300, 200)])
def test_no_face_is_no_box(shape):
    boxes = cascade()(np.full((*shape, 3), 200, np.uint8))
    assert boxes.shape == (0, 4)
    assert boxes.dtype == np.int64


def test_another_process_makes_the_same_from_json(page, tmp_path, monkeypatch):
    (tmp_path / "own.xml").write_bytes(WHOLE)
    monkeypatch.chdir(tmp_path)
    first = Cascade("own.xml", min_face=40, neighbours=1, scale=1.2)
    monkeypatch.chdir("/")
    again = Cascade(**json.loads(json.dumps(first.arguments)))
    assert again.settings == first.settings
    np.testing.assert_array_equal(again(page), first(page))


def test_settings_tell_all_but_the_place(tmp_path):
    settings = cascade(min_face=50, scale=1.3).settings
    assert len(settings.pop("sha256")) == 64
    assert settings == {
        "cascade": "haarcascade_frontalface_alt2.xml",
        "opencv": cv2.__version__,
        "min_face": 50,
        "neighbours": 2,
        "scale": 1.3,
    }


def test_opencv_is_held_to_one_thread():
    cv2.setNumThreads(2)
    cascade()
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_cascade_is_there(name):
    assert bundled_path(name) == bundled_path(f"haarcascade_{name}.xml")
    Cascade(bundled_path(name), min_face=48)


@pytest.mark.parametrize("name", ["", "eye", "haarcascade_eye.xml", "frontalface", "../a.xml"])
def test_other_names_are_not_bundled(name):
    assert bundled_path(name) is None


@pytest.mark.parametrize("name", ["顔.xml", b"\xff\xfe.xml", "no ending"])
def test_a_file_of_any_name_is_a_cascade(page, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(WHOLE)
    found = Cascade(path, min_face=48, neighbours=2)(page)
    np.testing.assert_array_equal(found, cascade()(page))


def test_the_format_of_opencv_1_is_read():
    name = "haarcascade_license_plate_rus_16stages.xml"
    old = Cascade(cv2.data.haarcascades + name, min_face=48)
    assert old(np.zeros((100, 100, 3), np.uint8)).shape == (0, 4)


XML = b"<?xml version='1.0'?>"
LAUGHS = (
    b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    b"<opencv_storage><cascade>&b;</cascade></opencv_storage>"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no cascade of OpenCV; wanted the XML file of a cascade classifier"),
        (b"stages: 20", "is no cascade of OpenCV"),
        (XML + b"<a/>", "is no cascade of OpenCV"),
        (bytes(range(256)) * 9, "is no cascade of OpenCV"),
        (b"\n<!DOCTYPE html><title>opencv_storage", r"is a web page, .*download the XML file"),
        (XML + b"<opencv_storage></opencv_storage>", "is a broken cascade: OpenCV 4"),
        (XML + b"<opencv_storage><a>1</a></opencv_storage>", "is a broken cascade"),
        (XML + b"<opencv_storage><cascade>1</cascade></opencv_storage>", "is a broken cascade"),
        (XML + LAUGHS, "is a broken cascade"),
        (WHOLE[: len(WHOLE) // 2], "is a broken cascade"),
        (WHOLE.replace(b"<height>20<", b"<height>0<", 1), "is a broken cascade"),
    ],
)
def test_what_is_no_cascade_is_told_in_one_sentence(tmp_path, capfd, content, message):
    path = tmp_path / "own\n.xml"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=rf"own\\n\.xml {message}"):
        Cascade(path, min_face=48)
    assert capfd.readouterr() == ("", "")


def test_what_is_no_file_is_told_in_one_sentence(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    for path, message in [
        (tmp_path / "none.xml", r"none\.xml does not exist; wanted the XML file"),
        (tmp_path, "is not a file; wanted the XML file"),
        (tmp_path / "pipe.xml", r"pipe\.xml is not a file"),
        ("/proc/self/mem", "/proc/self/mem cannot be read: Input/output error; wanted"),
    ]:
        with pytest.raises(DatasetError, match=message):
            Cascade(path, min_face=48)


def test_a_huge_file_is_not_read(tmp_path):
    with open(tmp_path / "huge.xml", "wb") as f:
        f.write(XML + b"<opencv_storage>")
        f.truncate(64_000_001)
    with pytest.raises(DatasetError, match=r"huge\.xml is no cascade of OpenCV"):
        Cascade(tmp_path / "huge.xml", min_face=48)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_face": 0}, "min_face is 0; wanted 1 or more pixels"),
        ({"neighbours": -1}, "neighbours is -1; wanted 0 or more"),
        ({"scale": 1}, "scale is 1; wanted more than 1"),
        ({"scale": float("nan")}, "scale is nan; wanted more than 1"),
    ],
)
def test_numbers_out_of_range(arguments, message):
    with pytest.raises(DatasetError, match=message):
        cascade(**arguments)


def test_without_opencv_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(DatasetError, match=r"not installed; pip install 'opencv-python-headless"):
        Cascade("any.xml", min_face=48)


def test_an_opencv_that_does_not_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cv2")
    with pytest.raises(DatasetError, match=r"cannot be loaded \(libGL\.so\.1: no such file\); pip"):
        bundled_path("profileface")


def test_an_opencv_without_cascades_says_so(monkeypatch):
    path = bundled_path("profileface")
    monkeypatch.delattr(cv2, "data")
    with pytest.raises(DatasetError, match=r"came without haarcascade_profileface\.xml; pip"):
        bundled_path("profileface")
    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(DatasetError, match=r"OpenCV 4\S+ has no cascade classifiers; pip install"):
        Cascade(path, min_face=48)


def test_opencv_is_loaded_when_a_cascade_is_made():
    code = (
        "import sys, illust_gan.datasets.faces\n"
        "print(sorted({'cv2', 'chainer', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
