"""Contact sheets that show what a face detector found."""

import contextlib
import itertools
import os
import re
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from illust_gan.datasets.errors import DatasetError
from illust_gan.errors import printable
from illust_gan.files import replacing

THUMBNAIL = 200
"""Longest edge of a thumbnail, in pixels."""

# Told apart with every kind of colour vision.
_KEPT = (0, 190, 255)
_TOO_SMALL = (255, 110, 0)

_DARK = (25, 25, 25)
_LIGHT = (255, 255, 255)
_GAP = 10
_LINE = 18
_LEAST = 9


def boxed_thumbnail(image, boxes, edge=THUMBNAIL):
    """Draw a picture small, with the boxes of its faces.

    Each box is a coloured line between a dark and a light one, which shows on any ground: blue
    where the face is kept, orange where it is too small. A picture without a box is
    marked «no face».

    Args:
        image (PIL.Image.Image): The picture, RGB. It is not changed.
        boxes (list of tuple): ``(box, kept)`` for each face: left, top, right and bottom in pixels
            of ``image``, and whether the face is kept.
        edge (int): Longest edge of the result.

    Returns:
        PIL.Image.Image: RGB.

    >>> from PIL import Image
    >>> boxed_thumbnail(Image.new("RGB", (600, 300)), [((30, 30, 90, 90), True)]).size
    (200, 100)
    """
    ratio = edge / max(image.size)
    size = tuple(max(1, round(side * ratio)) for side in image.size)
    thumbnail = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    draw = ImageDraw.Draw(thumbnail)
    if not boxes:
        _draw_no_face(draw, size)
    # Those that are kept lie over the others.
    for box, kept in sorted(boxes, key=lambda pair: pair[1]):
        box = _scale_box(box, ratio, size)
        _draw_box(draw, box, _KEPT if kept else _TOO_SMALL)
    return thumbnail


def write_box_sheets(folder, thumbnails, *, columns=6, rows=5, edge=THUMBNAIL):
    """Write thumbnails on pages ``boxes-0001.png``, ``boxes-0002.png`` and so on.

    The memory that it takes does not grow with the number of pages. Pages of an earlier call
    beyond the last one are removed. A name stands under each thumbnail, its beginning cut off
    where it is too long; letters outside Latin-1, which Pillow's own font does not have, are
    written like ``\\u9854``.

    Args:
        folder (str or os.PathLike): Where the pages go; it is made.
        thumbnails (iterable of tuple): ``(name, picture)``: the file's name and what
            :func:`boxed_thumbnail` made of it.
        columns (int): Thumbnails in a row.
        rows (int): Rows on a page.
        edge (int): Longest edge of the thumbnails.

    Returns:
        list of pathlib.Path: The pages.

    Raises:
        DatasetError: If a page cannot be written.

    >>> import tempfile
    >>> from PIL import Image
    >>> thumbnail = boxed_thumbnail(Image.new("RGB", (60, 60)), [])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pages = write_box_sheets(folder, [("1.png", thumbnail)] * 31)
    ...     [page.name for page in pages]
    ['boxes-0001.png', 'boxes-0002.png']
    """
    folder = Path(folder)
    thumbnails = iter(thumbnails)
    pages = []
    while tiles := list(itertools.islice(thumbnails, columns * rows)):
        page = _lay_out(tiles, min(columns, len(tiles)), edge)
        pages.append(folder / f"boxes-{len(pages) + 1:04}.png")
        with _told_in_one_sentence(pages[-1]):
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(pages[-1]) as f:
                page.save(f, format="PNG")
    with _told_in_one_sentence(folder):
        _remove_pages_beyond(folder, len(pages))
    return pages


@contextlib.contextmanager
def _told_in_one_sentence(path):
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"could not write {path}: {error.strerror or error}; make room or give another place"
        ) from error


def _lay_out(tiles, columns, edge):
    width, height = edge + _GAP, edge + _LINE + _GAP
    rows = -(-len(tiles) // columns)
    # Room for the key, however few the tiles.
    size = (max(columns, 2) * width + _GAP, rows * height + _GAP + _LINE)
    page = Image.new("RGB", size, (225, 225, 225))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=12)
    _draw_key(draw, font)
    for place, (name, thumbnail) in enumerate(tiles):
        row, column = divmod(place, columns)
        left, top = _GAP + column * width, _GAP + _LINE + row * height
        page.paste(
            thumbnail, (left + (edge - thumbnail.width) // 2, top + (edge - thumbnail.height) // 2)
        )
        caption = _shorten(name, font, edge)
        draw.text((left + edge / 2, top + edge + 2), caption, _DARK, font, anchor="ma")
    return page


def _draw_key(draw, font):
    left = _GAP
    for colour, text in ((_KEPT, "cropped"), (_TOO_SMALL, "face too small")):
        _draw_box(draw, (left, 5, left + 14, 19), colour)
        draw.text((left + 20, 5), text, _DARK, font)
        left += 100


def _scale_box(box, ratio, size):
    """Scale a box to the thumbnail; keep it inside, and large enough to be seen."""
    left, top, right, bottom = (round(value * ratio) for value in box)
    left, top = min(left, size[0] - _LEAST), min(top, size[1] - _LEAST)
    return left, top, max(right, left + _LEAST), max(bottom, top + _LEAST)


def _draw_box(draw, box, colour):
    left, top, right, bottom = box
    for inset, line, width in ((0, _DARK, 1), (1, colour, 2), (3, _LIGHT, 1)):
        # Pillow's rectangle holds its last row and column.
        edges = (left + inset, top + inset, right - 1 - inset, bottom - 1 - inset)
        draw.rectangle(edges, outline=line, width=width)


def _draw_no_face(draw, size):
    font = ImageFont.load_default(size=14)
    middle, bottom = size[0] / 2, size[1] - 4
    left, top, right, below = draw.textbbox((middle, bottom), "no face", font, anchor="md")
    draw.rectangle((left - 5, top - 4, right + 5, below + 4), fill=_DARK)
    draw.text((middle, bottom), "no face", _LIGHT, font, anchor="md")


def _shorten(name, font, width):
    # No letter is narrower than two pixels: measuring begins with what could fit.
    letters = [
        printable(letter).encode("latin-1", "backslashreplace").decode("latin-1")
        for letter in name[-width // 2 :]
    ]
    cut = "..." if len(letters) < len(name) else ""
    while font.getlength(cut + "".join(letters)) > width:
        cut = "..."
        letters.pop(0)
    return cut + "".join(letters)


def _remove_pages_beyond(folder, last):
    for name in os.listdir(folder) if folder.is_dir() else []:
        match = re.fullmatch(r"boxes-([0-9]{4,})\.png", name)
        if match and int(match[1]) > last and (folder / name).is_file():
            (folder / name).unlink()
