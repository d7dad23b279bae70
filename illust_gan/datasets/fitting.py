"""A picture of any shape becomes a square."""

import numpy as np
from PIL import Image

from illust_gan.datasets.colours import lay_over
from illust_gan.datasets.errors import DatasetError

FITS = ("crop", "pad", "stretch")
"""How a picture that is no square becomes one."""

REDUCING_GAP = 3.0
"""Down to this many times the wanted size a picture is made smaller by quicker means. From 3 on,
says Pillow's documentation of ``reducing_gap``, that is indistinguishable from fair resampling."""

WHITE = (255, 255, 255)

_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}


def check_fit(fit):
    """Make sure that a fit is one of :data:`FITS`.

    Raises:
        DatasetError: If it is not.
    """
    if fit not in FITS:
        raise DatasetError(f"--fit is {fit!r}; wanted {', '.join(FITS[:-1])} or {FITS[-1]}")


def to_square(image, size, *, fit="crop", background=WHITE, box=None):
    """Resize a picture, or a part of it, to a square of sRGB pixels by Lanczos' filter.

    Transparent pixels weigh nothing: the filter sees colours multiplied by their alpha, so that
    what is drawn on transparent black gets no dark fringe, and the background comes in last.

    Args:
        image (PIL.Image.Image): Of mode L, LA, RGB, RGBA or CMYK; its ``info["icc_profile"]`` is
            applied as :func:`~illust_gan.datasets.colours.lay_over` says.
        size (int): Edge of the square.
        fit (str): ``"crop"`` keeps the central square, ``"pad"`` the whole picture in the middle
            of ``background``, ``"stretch"`` the whole picture out of proportion.
        background (tuple of int): Red, green and blue behind transparency and padding.
        box (tuple): Left, top, right and bottom, in pixels, of the part to take; all of it if
            omitted. A little beyond the box goes into the pixels at its edge.

    Returns:
        numpy.ndarray: uint8 of shape ``(size, size, 3)``.

    Raises:
        DatasetError: If ``fit`` is another.

    >>> wide = Image.new("RGB", (40, 20), "navy")
    >>> to_square(wide, 4, fit="pad")[:, 0].tolist()
    [[255, 255, 255], [0, 0, 128], [0, 0, 128], [255, 255, 255]]
    """
    check_fit(fit)
    left, top, right, bottom = box or (0, 0, *image.size)
    width, height = right - left, bottom - top
    inner = (size, size)
    if fit == "crop":
        edge = min(width, height)
        left, top = left + (width - edge) / 2, top + (height - edge) / 2
        right, bottom = left + edge, top + edge
    elif fit == "pad":
        inner = tuple(max(1, round(size * edge / max(width, height))) for edge in (width, height))
    if image.mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[image.mode])
    small = image.resize(
        inner,
        Image.Resampling.LANCZOS,
        box=(left, top, right, bottom),
        reducing_gap=REDUCING_GAP,
    )
    # Profiles are applied last, when there are few pixels. Applied first they would take several
    # times as long as decoding, and would change drawn faces of 64 pixels in Display P3 or Adobe
    # RGB by half a level on average.
    pixels = lay_over(small, background, image.info.get("icc_profile"))
    if inner == (size, size):
        return pixels
    square = np.empty((size, size, 3), np.uint8)
    square[:] = background
    x, y = ((size - edge) // 2 for edge in inner)
    square[y : y + inner[1], x : x + inner[0]] = pixels
    return square
