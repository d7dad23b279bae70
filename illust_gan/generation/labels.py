"""What can be told of a face from its pixels, as a number: a colour, or what you define."""

import functools
import math

import numpy as np

from illust_gan.errors import UserError, printable
from illust_gan.own_functions import import_function, is_reference

COLOURS = ("brightness", "red", "green", "blue", "saturation", "darkness")
"""What is measured: brightness, how much redder, greener or bluer than the other two channels, how
far from grey, or how much darker than the skin, as a part of that: an open mouth is."""

REGIONS = {
    "all": (0.0, 0.0, 1.0, 1.0),
    "background": (0.0, 0.0, 0.12, 0.3),
    "eye": (0.32, 0.44, 0.44, 0.54),
    "hair": (0.3, 0.03, 0.7, 0.18),
    "mouth": (0.42, 0.68, 0.58, 0.78),
    "skin": (0.35, 0.52, 0.65, 0.68),
}
"""Where, as fractions of the edge: left, top, right, bottom. They fit the built-in faces."""

# ITU-R BT.601
_LUMA = np.array([0.299, 0.587, 0.114])


def find_label(label, region=None):
    """Find the label function that the user means.

    Args:
        label (str or callable): One of :data:`COLOURS`; ``"module:function"``, as
            :func:`~illust_gan.own_functions.import_function` finds it; or a function itself, which
            is returned as it is.
        region (str or sequence of float): Of a colour, see :func:`colour_label`; all if None.

    Returns:
        callable: Takes faces, uint8 (n, H, W, 3), and returns n numbers or truth values.

    Raises:
        UserError: If it is none of these or cannot be imported, or a region is given beside a
            function, which looks where it likes.

    Example:
        >>> find_label("statistics:mean").__name__, find_label("red", "hair").func.__name__
        ('mean', '_measure')
    """
    if not callable(label):
        if label in COLOURS:
            return colour_label(label, "all" if region is None else region)
        if not is_reference(label):
            raise UserError(
                f"--label is {printable(label)}; wanted {', '.join(COLOURS)}, or a function of "
                "your own as module:function"
            )
    if region is not None:
        raise UserError(
            f"--region {printable(str(region))} is where a colour is measured; beside a function "
            "as --label, which looks where it likes, leave it out"
        )
    if callable(label):
        return label
    return import_function(
        label,
        what="label function",
        wanted="a function of faces, uint8 (n, H, W, 3), that returns n numbers or truth values",
        example="my_labels:smile",
    )


def colour_label(colour, region="all"):
    """Make a label function: faces in, a number for each out.

    Args:
        colour (str): One of :data:`COLOURS`.
        region (str or sequence of float): One of :data:`REGIONS`; or left, top, right and bottom
            as fractions of the edge, also as a text, ``"0.3,0,0.7,0.2"``.

    Returns:
        callable: Takes uint8 (N, H, W, 3), or (N, H, W, 1) for brightness and darkness only, and
        returns float64 (N,), from 0 to 255; from -255 for red, green and blue; of darkness, at most
        1, and 0 where the skin is black.

    Raises:
        UserError: If there is no such colour, or the region is none.

    Example:
        >>> faces = np.zeros((1, 8, 8, 3), np.uint8)
        >>> faces[:, :4, :, 0] = 200
        >>> colour_label("red", (0, 0, 1, 0.5))(faces), colour_label("red")(faces)
        (array([200.]), array([100.]))
    """
    if colour not in COLOURS:
        raise UserError(f"--label is {colour}; wanted {', '.join(COLOURS[:-1])} or {COLOURS[-1]}")
    return functools.partial(_measure, colour, read_region(region))


def read_region(region):
    """Return a region as four fractions, or raise UserError.

    Example:
        >>> read_region("0.3,0,0.7,0.2"), read_region("all")
        ((0.3, 0.0, 0.7, 0.2), (0.0, 0.0, 1.0, 1.0))
    """
    if isinstance(region, str) and region in REGIONS:
        return REGIONS[region]
    try:
        parts = region.split(",") if isinstance(region, str) else region
        left, top, right, bottom = box = tuple(map(float, parts))
    except (TypeError, ValueError):
        box = ()
    if not (box and 0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise UserError(
            f"--region is {region}; wanted {', '.join(REGIONS)}, or left, top, right and bottom as "
            "fractions of the edge, such as 0.3,0,0.7,0.2"
        )
    return box


def _measure(colour, region, faces):
    mean = _mean(region, faces)
    if colour in ("brightness", "darkness"):
        brightness = _brightness(mean)
        if colour == "brightness":
            return brightness
        skin = _brightness(_mean(REGIONS["skin"], faces))
        return np.divide(skin - brightness, skin, out=np.zeros_like(skin), where=skin > 0)
    if mean.shape[1] == 1:
        raise UserError(f"--label {colour} wants colours, and the faces are grey")
    if colour == "saturation":
        return mean.max(axis=1) - mean.min(axis=1)
    channel = ("red", "green", "blue").index(colour)
    return mean[:, channel] - np.delete(mean, channel, axis=1).mean(axis=1)


def _mean(region, faces):
    left, top, right, bottom = region
    height, width = faces.shape[1:3]
    # At least one pixel, however thin the region.
    rows = slice(math.floor(top * height), math.ceil(bottom * height))
    columns = slice(math.floor(left * width), math.ceil(right * width))
    return faces[:, rows, columns].mean(axis=(1, 2))


def _brightness(mean):
    return mean[:, 0] if mean.shape[1] == 1 else mean @ _LUMA
