"""Pixels of any kind become right-looking RGB: depths, palettes, inks, profiles, transparency."""

import functools
import io

import numpy as np
from PIL import Image, ImageCms, ImageColor

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.errors import printable

# What a mode of Pillow becomes. Where a picture names one of its colours as the transparent one
# (`transparency` of PNG and GIF), it becomes the mode of _KEYED instead.
_PLAIN = {
    "1": "L",
    "La": "LA",
    "RGBa": "RGBA",
    "P": "RGB",
    "PA": "RGBA",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "LAB": "RGB",
}
_KEYED = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}

# Pillow widens grey of 2 and 4 bits to 8 and narrows colours of 16, but not the key with them; nor,
# in Pillow 10, that of 1 bit.
_KEY_IN_8_BITS = {
    "1": lambda level: 255 if level else 0,
    "L;2": lambda level: level * 85,
    "L;4": lambda level: level * 17,
    "RGB;16B": lambda levels: tuple(level >> 8 for level in levels),
}

_STRIP = 1 << 20

# The profiles of printing presses, the largest in use, have 0.5 to 3 MB.
_MAX_PROFILE = 4_000_000

# cmsFLAGS_BLACKPOINTCOMPENSATION; before Pillow 10.1 it has no name there.
_BLACK_POINT_COMPENSATION = 0x2000

# A profile that moves no colour further than this is sRGB by another name.
_SAME = 2


def parse_colour(text):
    """Read the name or code of an opaque colour.

    Args:
        text (str): A name of CSS, ``#rgb`` or ``#rrggbb``, or what else
            :func:`PIL.ImageColor.getrgb` knows.

    Returns:
        tuple of int: Red, green and blue, 0 to 255.

    Raises:
        DatasetError: If it is no colour, or one with transparency.

    >>> parse_colour("#f80"), parse_colour("MidnightBlue")
    ((255, 136, 0), (25, 25, 112))
    """
    try:
        colour = ImageColor.getrgb(text.strip())
    except ValueError:
        colour = ()
    if len(colour) != 3 or not all(0 <= level <= 255 for level in colour):
        raise DatasetError(
            f"--background is {printable(text)!r}; wanted an opaque colour: a name such as white, "
            "or #rgb or #rrggbb"
        )
    return colour


def read_levels(image, name):
    """Note in ``image.info`` what a header says of its picture's values, before it is decoded.

    Args:
        image (PIL.Image.Image): As :func:`PIL.Image.open` returns it.
        name (str): What errors call the picture.

    Raises:
        PictureError: If the values have no known range: 32 bits, a sign, or floating point.
    """
    # Before Pillow 11, PNG of 16 bits came in mode "I" too.
    if image.mode == "F" or (image.mode == "I" and image.format != "PNG"):
        what = "are floating-point numbers" if image.mode == "F" else "have 32 bits or a sign"
        raise PictureError(name, f"its pixels {what}; wanted 8 or 16 bits a channel", "depth")
    if image.mode.startswith("I"):
        tags = getattr(image, "tag_v2", {})
        white = 2 ** tags.get(258, (16,))[0] - 1
        # Photometric interpretation 0 of TIFF is white at zero; of 16 bits Pillow leaves it so.
        image.info["levels"] = (white, 0) if tags.get(262) == 0 else (0, white)
    key = image.info.get("transparency")
    if image.format == "PNG" and image.tile and key is not None:
        widen = _KEY_IN_8_BITS.get(image.tile[0][3])
        image.info["transparency"] = widen(key) if widen else key


def to_plain(image):
    """Turn a decoded picture into the nearest of L, LA, RGB, RGBA and CMYK with 8 bits a channel.

    Nothing is lost but depth beyond 8 bits. PNG's gamma and chromaticities are not applied: values
    without a profile are taken for sRGB's.

    Args:
        image (PIL.Image.Image): Of any mode but those that :func:`read_levels` refuses.

    Returns:
        PIL.Image.Image: A new picture, or ``image`` itself if it is plain already.
    """
    if image.mode.startswith("I"):
        image = _from_16_bits(image)
    mode = _PLAIN.get(image.mode, image.mode)
    if image.info.get("transparency") is not None:
        mode = _KEYED.get(image.mode, mode)
    return image if mode == image.mode else image.convert(mode)


def _from_16_bits(image):
    # Strip by strip, since whole the numbers would take more memory than the picture. Pillow's
    # own conversion to 8 bits cuts off at 255 instead of scaling.
    black, white = image.info.get("levels", (0, 65535))
    top = max(black, white)

    def narrow(values):
        scaled = (values.clip(0, top).astype(np.uint32) * 255 + top // 2) // top
        return (scaled if white else 255 - scaled).astype(np.uint8)

    grey = Image.new("L", image.size)
    rows = max(1, _STRIP // image.width)
    for y in range(0, image.height, rows):
        strip = image.crop((0, y, image.width, min(y + rows, image.height)))
        grey.paste(Image.fromarray(narrow(np.asarray(strip))), (0, y))
    grey.info = dict(image.info)
    if "transparency" in grey.info:
        grey.info["transparency"] = int(narrow(np.array(grey.info["transparency"])))
    return grey


def to_rgb(image, background):
    """Lay a plain picture over a colour, at its own size.

    Profiles are not applied: for finding faces and for thumbnails the plain values do.

    Args:
        image (PIL.Image.Image): Of mode L, LA, RGB, RGBA or CMYK.
        background (tuple of int): Red, green and blue of what shows through.

    Returns:
        PIL.Image.Image: Of mode RGB; ``image`` itself if it is that.
    """
    if image.mode in ("LA", "RGBA"):
        laid = Image.new("RGB", image.size, background)
        laid.paste(image, mask=image)
        return laid
    return image if image.mode == "RGB" else image.convert("RGB")


def lay_over(image, background, profile=None):
    """Lay a picture over a colour and turn its colours into sRGB's.

    The profile is applied by Little CMS, relative colorimetric with black point compensation: the
    default of Photoshop's conversions, and with the profiles of screens, which are a matrix and
    curves, the same as perceptual. A profile that is broken, too large, or of another kind than
    the pixels is left aside, and so is one that changes nothing. Inks without a profile become RGB
    by :math:`(255 - c)(255 - k) / 255`.

    Args:
        image (PIL.Image.Image): Of mode L, La, RGB, RGBa or CMYK: transparency premultiplied.
        background (tuple of int): Red, green and blue of what shows through, in sRGB.
        profile (bytes): ICC profile of the picture's colours.

    Returns:
        numpy.ndarray: uint8 of shape ``(height, width, 3)``, rounded to nearest.

    >>> lay_over(Image.new("RGBa", (1, 1), (128, 0, 0, 128)), (255, 255, 255)).tolist()
    [[[255, 127, 127]]]
    """
    opaque = {"La": "L", "RGBa": "RGB"}.get(image.mode, image.mode)
    # Larger ones are not looked at, nor kept as keys of the cache.
    usable = profile and len(profile) <= _MAX_PROFILE
    transform = _transform_to_srgb(profile, opaque) if usable else None
    if opaque == image.mode:
        return np.array(transform.apply(image) if transform else image.convert("RGB"))
    alpha = np.asarray(image.getchannel("a")).astype(np.uint32)[:, :, None]
    if transform:
        straight = image.convert(image.mode.upper()).convert(opaque)
        colours = np.asarray(transform.apply(straight)) * alpha
    else:
        colours = np.asarray(image)[:, :, :-1].astype(np.uint32) * 255
    laid = colours + (255 - alpha) * np.array(background, np.uint32)
    return ((laid + 127) // 255).clip(max=255).astype(np.uint8)


# Building one takes longer than applying it, and the pictures of a folder share their profiles.
@functools.lru_cache(maxsize=8)
def _transform_to_srgb(profile, mode):
    """Build the transform from a profile to sRGB, or None if there is none to apply."""
    try:
        transform = ImageCms.buildTransform(
            io.BytesIO(profile),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            _BLACK_POINT_COMPENSATION,
        )
        needed = mode == "CMYK" or _moves_colours(transform, mode)
    # Little CMS refuses broken profiles and those of another kind than the pixels.
    except Exception:
        return None
    return transform if needed else None


def _moves_colours(transform, mode):
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    if mode == "L":
        before = Image.fromarray(levels[None])
    else:
        grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
        before = Image.fromarray(grid.reshape(-1, len(levels), 3))
    after = np.asarray(transform.apply(before)).astype(int)
    return np.abs(after - np.asarray(before.convert("RGB"))).max() > _SAME
