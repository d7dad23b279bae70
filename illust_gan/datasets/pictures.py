"""Any picture of the usual formats, decoded with suspicion."""

import contextlib
import logging
import os
import re
import warnings

from PIL import ExifTags, Image, UnidentifiedImageError

from illust_gan.datasets.colours import read_levels, to_plain
from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.fitting import REDUCING_GAP, WHITE, to_square
from illust_gan.errors import printable

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is decoded, told from a file's content. Pillow's other decoders are never tried."""

_USUAL = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
ENDINGS = (*_USUAL, ".apng", ".jfif")
"""The endings, in lower case, by which a picture is looked for."""

MAX_PIXELS = 64_000_000
"""Larger pictures are refused from their header alone: decoding takes about 8 bytes a pixel."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_OS_WORDS = {
    FileNotFoundError: "missing",
    PermissionError: "permission",
    IsADirectoryError: "directory",
}

# Pillow's ways of saying that a file is in order and yet more than it can read.
_UNSUPPORTED = re.compile(
    r"unsupported|not (yet )?supported|cannot handle|unknown pixel mode|unknown data organization",
    re.IGNORECASE,
)

# Pillow logs one kind of broken TIFF, and what no one has asked to see goes to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def read_picture(source, size, *, fit="crop", background=WHITE, name=None):
    """Read a picture as a square of RGB pixels.

    The first frame is taken, turned upright by its EXIF orientation, resized by Lanczos' filter
    and laid over a colour where it is transparent; a picture smaller than ``size`` is enlarged.
    Greyscale, palette, CMYK and 16-bit pictures and those with an ICC profile become 8-bit sRGB.

    Args:
        source (path or binary file): Where the picture is.
        size (int): Edge of the square.
        fit (str): ``"crop"``, ``"pad"`` or ``"stretch"``, as
            :func:`~illust_gan.datasets.fitting.to_square` says.
        background (tuple of int): Red, green and blue behind transparency and padding.
        name (str): What errors call the picture; ``source`` if omitted.

    Returns:
        numpy.ndarray: uint8 of shape ``(size, size, 3)``.

    Raises:
        DatasetError: If ``fit`` is another.
        PictureError: If the file cannot be opened, is none of :data:`FORMATS`, is damaged or
            truncated, or has more than :data:`MAX_PIXELS` pixels, which is found out before
            anything is decoded.

    >>> import io
    >>> half_red = io.BytesIO()
    >>> Image.new("RGBA", (40, 30), (255, 0, 0, 128)).save(half_red, "PNG")
    >>> read_picture(half_red, 8).shape, read_picture(half_red, 8)[0, 0].tolist()
    ((8, 8, 3), [255, 127, 127])
    """
    is_path = isinstance(source, (str, bytes, os.PathLike))
    name = str(name or (os.fsdecode(source) if is_path else source))
    with contextlib.ExitStack() as stack:
        f = source
        if is_path:
            with _suspicion(name):
                f = stack.enter_context(open(source, "rb"))
        image = decode(f, name, shrink_to=(size, size))
        with _suspicion(name):
            return to_square(image, size, fit=fit, background=background)


def decode(f, name, *, max_pixels=MAX_PIXELS, shrink_to=None, admit=None):
    """Decode the first frame of a picture, upright and with 8 bits a channel.

    Pillow's settings are changed meanwhile and put back: not for two threads at a time.

    Args:
        f (binary file): It can seek; it stays open.
        name (str): What errors call the picture.
        max_pixels (int): Larger pictures are refused before anything is decoded. A WebP picture
            counts double, here and for ``admit``.
        shrink_to (tuple of int): Width and height that it will be resized to. JPEG is then decoded
            to a half, a quarter or an eighth where that stays three times as large.
        admit (callable): Called once with the number of pixels when it is known and nothing is
            decoded: decoding takes about 8 bytes for each. What it raises is passed on.

    Returns:
        PIL.Image.Image: Of mode L, LA, RGB, RGBA or CMYK. Its ``info`` holds ``original_size``,
        the upright width and height before any shrinking, and ``icc_profile`` if there is one.

    Raises:
        PictureError: If it is no picture of :data:`FORMATS`, is damaged or too large, or cannot be
            read; its ``word`` says which.

    >>> import io
    >>> f = io.BytesIO()
    >>> Image.new("P", (40, 30)).save(f, "GIF")
    >>> image = decode(f, "a.gif")
    >>> image.mode, image.info["original_size"]
    ('RGB', (40, 30))
    """
    with _suspicion(name, max_pixels):
        image = _open(f)
        _check_claims(image, name)
        pixels = _count(image, name, max_pixels)
    if admit:
        admit(pixels)
    with _suspicion(name, max_pixels):
        size = image.size
        if shrink_to:
            edge = int(REDUCING_GAP * max(shrink_to))
            image.draft(None, (edge, edge))
        shrunk = image.size != size
        image.load()
        if image.format == "WEBP":
            # Free its decoder, which holds two frames more.
            image = image.copy()
        orientation = _orientation(image)
        if orientation in _TURNS:
            image = image.transpose(_TURNS[orientation])
        if not shrunk:
            size = image.size
        elif orientation in _TURNS and orientation > 4:
            size = size[::-1]
        image = to_plain(image)
        profile = image.info.get("icc_profile")
        image.info = {"original_size": size}
        if isinstance(profile, bytes) and profile:
            image.info["icc_profile"] = profile
    return image


def _open(f):
    try:
        return Image.open(f, formats=FORMATS)
    except UnidentifiedImageError:
        # Of a file that begins like a picture, the decoder's own words tell more.
        f.seek(0)
        beginning = f.read(16)
        for make, accepts in (Image.OPEN[name] for name in FORMATS):
            if accepts(beginning) is True:
                f.seek(0)
                make(f, None)
        raise


def _check_claims(image, name):
    """Refuse what a header alone gives away."""
    read_levels(image, name)
    tags = getattr(image, "tag_v2", {})
    tile = tags.get(322, 0) * tags.get(323, 0)
    # A tile is decoded whole, however small the picture. Rounded up to multiples of 16, the only
    # one of a picture may be a little larger than it.
    if tile > 2 * image.width * image.height + (1 << 20):
        raise PictureError(
            name,
            f"it claims tiles of {tile / 1e6:,.2f} megapixels, far larger than itself",
            "bomb",
        )


def _count(image, name, max_pixels):
    pixels = image.width * image.height
    if image.format != "WEBP":
        return pixels
    # Its decoder holds two frames beside the picture and takes 16 bytes a pixel, not 8.
    if 2 * pixels > max_pixels:
        raise PictureError(
            name,
            f"it has {pixels / 1e6:,.2f} megapixels, more than the {max_pixels / 2e6:g} of a WebP "
            "that are decoded (half of --max-megapixels)",
            "bomb",
        )
    return 2 * pixels


def _orientation(image):
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    # The pixels are whole; odd EXIF is no reason to lose them.
    except Exception:
        return 1


@contextlib.contextmanager
def _suspicion(name, max_pixels=MAX_PIXELS):
    """Turn whatever a picture brings about into a PictureError, in silence."""
    before = Image.MAX_IMAGE_PIXELS
    # Pillow refuses what has more than twice as many, and does so before a decoder takes memory
    # for the canvas, which those of WebP and GIF do on opening.
    Image.MAX_IMAGE_PIXELS = max_pixels / 2
    try:
        with warnings.catch_warnings():
            # Of odd EXIF, large sizes and missing decoders; what matters of it raises too.
            warnings.simplefilter("ignore")
            yield
    except DatasetError:
        raise
    # Broken bytes bring anything out of Pillow's decoders, from SyntaxError to struct.error.
    except Exception as error:
        word, reason = _explain(error, max_pixels)
        raise PictureError(name, reason, word) from error
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _explain(error, max_pixels):
    """Choose the word of :data:`~illust_gan.datasets.errors.WORDS` and say it in a sentence."""
    text = printable(str(error), 200) or type(error).__name__
    if isinstance(error, Image.DecompressionBombError):
        pixels = re.search(r"\((\d+) pixels", text)
        has = f"{int(pixels[1]) / 1e6:,.2f} megapixels, more" if pixels else "more"
        return "bomb", (
            f"it has {has} than the {max_pixels / 1e6:g} that are decoded (--max-megapixels)"
        )
    if isinstance(error, MemoryError):
        return "memory", "there was not enough memory to decode it"
    if isinstance(error, UnidentifiedImageError):
        return "format", f"it is no {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture"
    if isinstance(error, OSError) and error.errno:
        return _OS_WORDS.get(type(error), "unreadable"), error.strerror or text
    if "too large" in text.lower() or "MAX_TEXT" in text:
        return "bomb", "its texts or its profile unpack to more than what is read"
    if _UNSUPPORTED.search(text):
        return "format", f"it is of a kind that is not read ({text})"
    more = f" ({text})" if re.search("[a-z]", text) else ""
    return "damaged", f"it is broken or cut short{more}"
