"""Small pictures as bytes, to be put into a page."""

import base64
import io

from PIL import Image

_EDGE = 128
_BEGINNINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"RIFF": "webp"}


def encode_thumbnail(image):
    """Make a thumbnail, at most 128 pixels wide and high.

    Args:
        image (PIL.Image.Image): RGB, of any size. It is not changed.

    Returns:
        bytes: A JPEG.

    >>> thumbnail = encode_thumbnail(Image.new("RGB", (400, 300)))
    >>> Image.open(io.BytesIO(thumbnail)).size
    (128, 96)
    """
    small = image.copy()
    # The comment of the file that the picture comes from would be written along.
    small.info.clear()
    small.thumbnail((_EDGE, _EDGE), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=85)
    return encoded.getvalue()


def data_uri(encoded):
    """Write a picture as an address that holds it.

    Args:
        encoded (bytes): A PNG, JPEG or WebP.

    Returns:
        str: The ``data:`` URI.

    Raises:
        ValueError: If it is none of these.

    >>> data_uri(encode_thumbnail(Image.new("RGB", (8, 8))))[:28]
    'data:image/jpeg;base64,/9j/4'
    """
    for beginning, kind in _BEGINNINGS.items():
        if encoded.startswith(beginning):
            return f"data:image/{kind};base64,{base64.b64encode(encoded).decode()}"
    raise ValueError(f"a thumbnail begins with {encoded[:4]!r}; wanted a PNG, JPEG or WebP")
