"""Any picture of the usual formats, decoded with suspicion, as one square of RGB."""

import os
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from illust_gan.datasets.errors import PictureError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is decoded, told from a file's content. Pillow's other decoders are never tried."""

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
"""The endings, in lower case, by which a picture is looked for."""

MAX_PIXELS = 64_000_000
"""Larger pictures are refused from their header alone: decoding one takes 3 or 4 bytes a pixel."""


def read_picture(source, size, *, name=None):
    """Read a picture as a square of RGB pixels.

    The first frame is taken, turned upright by its EXIF orientation, laid over white where it is
    transparent, cropped to its central square and resized by Lanczos' filter; a picture smaller
    than ``size`` is enlarged. Greyscale, palette, CMYK and 16-bit pictures become 8-bit RGB.
    Colour profiles are not applied.

    Args:
        source (path or binary file): Where the picture is.
        size (int): Edge of the square.
        name (str): What errors call the picture; ``source`` if omitted.

    Returns:
        numpy.ndarray: uint8 of shape ``(size, size, 3)``.

    Raises:
        PictureError: If the file cannot be opened, is none of :data:`FORMATS`, is damaged or
            truncated, or has more than :data:`MAX_PIXELS` pixels, which is found out before
            anything is decoded.

    >>> import io
    >>> from PIL import Image
    >>> half_red = io.BytesIO()
    >>> Image.new("RGBA", (40, 30), (255, 0, 0, 128)).save(half_red, "PNG")
    >>> read_picture(half_red, 8).shape, read_picture(half_red, 8)[0, 0].tolist()
    ((8, 8, 3), [255, 127, 127])
    """
    # Pillow warns of odd EXIF, large sizes and missing decoders; what matters of it raises too.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(source, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                image.load()
                square = ImageOps.fit(
                    _to_rgb(ImageOps.exif_transpose(image)),
                    (size, size),
                    Image.Resampling.LANCZOS,
                )
        # Broken bytes bring anything out of Pillow's decoders, from SyntaxError to struct.error.
        except Exception as error:
            name = os.fspath(source) if name is None and hasattr(source, "__fspath__") else name
            raise PictureError(str(name or source), _reason(error)) from error
    return np.array(square)


def _to_rgb(image):
    if image.mode.startswith("I"):
        image = _from_16_bit(image)
    elif image.mode == "F":
        raise ValueError("its pixels are floating-point numbers; wanted 8 or 16 bits a channel")
    if image.getbands()[-1] in ("A", "a") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _from_16_bit(image):
    # Mode "I" has 32 bits, but older releases of Pillow open 16-bit greyscale PNG in it as well.
    # Pillow's own conversion to 8 bits clips at 255 instead of scaling.
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError("its pixels have 32 bits; wanted 8 or 16 bits a channel")
    return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))


def _reason(error):
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {MAX_PIXELS // 1_000_000} megapixels, the most that is decoded"
    if isinstance(error, UnidentifiedImageError):
        return f"it is no {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
