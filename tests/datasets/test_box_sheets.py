import os
import re
import weakref

import numpy as np
import pytest
from PIL import Image, ImageFont

from illust_gan.datasets import DatasetError
from illust_gan.datasets.box_sheets import _shorten, boxed_thumbnail, write_box_sheets

KEPT, TOO_SMALL = (0, 190, 255), (255, 110, 0)


def grey(level, size=(600, 300)):
    return Image.new("RGB", size, (level,) * 3)


def where(picture, colour):
    """Left, top, right, bottom of all pixels of a colour; None without any."""
    rows, columns = np.nonzero((np.asarray(picture) == colour).all(axis=2))
    if not len(rows):
        return None
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((600, 300), (200, 100)), ((8, 10), (160, 200)), ((9000, 2), (200, 1)), ((1, 1), (200, 200))],
)
def test_the_longest_edge_is_given_whatever_the_picture(size, wanted):
    assert boxed_thumbnail(grey(9, size), []).size == wanted
    assert boxed_thumbnail(grey(9, size), [((0, 0, 1, 1), True)]).size == wanted


@pytest.mark.parametrize("level", [0, 128, 255])
def test_boxes_show_on_any_ground_in_the_colour_of_their_fate(level):
    picture = grey(level)
    boxes = [((60, 60, 180, 180), True), ((300, 90, 360, 150), False)]
    thumbnail = boxed_thumbnail(picture, boxes)
    # The coloured line lies one pixel inside the box, which is a third as large here.
    assert where(thumbnail, KEPT) == (21, 21, 59, 59)
    assert where(thumbnail, TOO_SMALL) == (101, 31, 119, 49)
    assert thumbnail.getpixel((20, 20)) == (25, 25, 25)
    assert thumbnail.getpixel((23, 23)) == (255, 255, 255)
    assert thumbnail.getpixel((40, 40)) == (level,) * 3
    assert picture.getcolors() == [(180_000, (level,) * 3)]


def test_a_kept_face_lies_over_one_that_is_too_small():
    box = (60, 60, 180, 180)
    thumbnail = boxed_thumbnail(grey(0), [(box, True), (box, False)])
    assert where(thumbnail, TOO_SMALL) is None


@pytest.mark.parametrize("corner", [(0, 0), (5999, 2999)])
def test_the_smallest_box_of_a_large_picture_is_seen(corner):
    left, top = corner
    thumbnail = boxed_thumbnail(grey(0, (6000, 3000)), [((left, top, left + 1, top + 1), True)])
    left, top, right, bottom = where(thumbnail, KEPT)
    assert right - left == bottom - top == 7


@pytest.mark.parametrize("level", [0, 255])
def test_no_face_is_said(level):
    colours = {colour for _, colour in boxed_thumbnail(grey(level), []).getcolors()}
    assert {(25, 25, 25), (255, 255, 255)} <= colours


def test_pages_are_numbered_and_the_last_is_shorter(tmp_path):
    thumbnails = ((f"{n}.png", boxed_thumbnail(grey(n), [])) for n in range(14))
    pages = write_box_sheets(tmp_path / "new" / "boxes", thumbnails, columns=4, rows=3)
    assert pages == [tmp_path / "new" / "boxes" / f"boxes-000{n}.png" for n in (1, 2)]
    assert sorted(os.listdir(tmp_path / "new" / "boxes")) == ["boxes-0001.png", "boxes-0002.png"]
    with Image.open(pages[0]) as first, Image.open(pages[1]) as second:
        assert first.width > 4 * 200 > second.width > 2 * 200
        assert first.height > 3 * 200 > second.height > 200


def test_the_same_thumbnails_give_the_same_bytes(tmp_path):
    thumbnail = boxed_thumbnail(grey(50), [((60, 60, 180, 180), True)])
    first, second = (write_box_sheets(tmp_path / name, [("顔.png", thumbnail)])[0] for name in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("2.png", "2.png"),
        ("é 顔.png", r"é \\u9854.png"),
        ("\udcff.png", r"\\udcff.png"),
        ("a\nb\x1b[2J.png", r"a\\nb\\x1b\[2J.png"),
        ("sub/" * 40 + "é.png", r"\.\.\.[sub/]+/sub/é.png"),
        ("顔" * 99, r"\.\.\.(\\u9854)+"),
        ("W" * 5000, r"\.\.\.WWWWWW+"),
        ("", ""),
    ],
)
def test_a_name_fits_under_its_thumbnail_whatever_is_in_it(tmp_path, name, shown):
    assert re.fullmatch(shown, _shorten(name, ImageFont.load_default(size=12), 200))
    [page] = write_box_sheets(tmp_path, [(name, grey(255, (200, 200)))])
    with Image.open(page) as picture:
        below = np.asarray(picture.convert("L"))[-28:]
    assert (below.min() < 100) == bool(name)
    assert below[:, :9].min() == below[:, 211:].min() == 225


def test_old_pages_beyond_the_last_are_removed_and_nothing_else(tmp_path):
    thumbnail = grey(0, (200, 200))
    write_box_sheets(tmp_path, [("a", thumbnail)] * 3, columns=1, rows=1)
    others = ["boxes-0009.jpg", "boxes-9.png", "my-boxes-0009.png", "boxes-0009.png.bak"]
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / "boxes-0008.png").mkdir()
    write_box_sheets(tmp_path, [("a", thumbnail)], columns=1, rows=1)
    wanted = ["boxes-0001.png", "boxes-0008.png", *others]
    assert sorted(os.listdir(tmp_path)) == sorted(wanted)
    assert write_box_sheets(tmp_path, []) == []
    assert not (tmp_path / "boxes-0001.png").exists()


def test_without_a_picture_nothing_is_made(tmp_path):
    assert write_box_sheets(tmp_path / "boxes", []) == []
    assert not list(tmp_path.iterdir())


def test_what_is_in_memory_does_not_grow_with_the_pages(tmp_path):
    references = []

    def thumbnails():
        for n in range(24):
            assert sum(reference() is not None for reference in references) <= 2 * 3
            assert len(list(tmp_path.iterdir())) == n // 3
            thumbnail = grey(n, (20, 20))
            references.append(weakref.ref(thumbnail))
            yield "a", thumbnail

    assert len(write_box_sheets(tmp_path, thumbnails(), columns=3, rows=1, edge=20)) == 8


def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"could not write \S+boxes-0001\.png: \w.*; make room"):
        write_box_sheets(tmp_path / "file", [("a", grey(0))])


def test_an_error_of_the_pictures_is_not_taken_for_one_of_the_disk(tmp_path):
    def broken():
        yield "a", grey(0)
        raise FileNotFoundError("b.png")

    with pytest.raises(FileNotFoundError):
        write_box_sheets(tmp_path, broken())
