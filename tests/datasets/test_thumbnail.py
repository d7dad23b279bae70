import base64
import io

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets.thumbnail import data_uri, encode_thumbnail


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 640), (128, 64)), ((10, 5000), (1, 128)), ((64, 64), (64, 64)), ((1, 1), (1, 1))],
)
def test_a_thumbnail_is_small_and_keeps_its_proportions(size, expected):
    image = Image.new("RGB", size, (200, 30, 60))
    with Image.open(io.BytesIO(encode_thumbnail(image)), formats=["JPEG"]) as thumbnail:
        assert thumbnail.size == expected
        np.testing.assert_allclose(thumbnail.getpixel((0, 0)), (200, 30, 60), atol=3)
    assert image.size == size


def test_nothing_of_the_file_goes_along():
    image = Image.new("RGB", (9, 9))
    plain = encode_thumbnail(image)
    image.info = {"comment": b"<script>", "exif": b"Exif\0\0secret", "dpi": (7, 7)}
    assert encode_thumbnail(image) == plain
    assert image.info["comment"] == b"<script>"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_data_uri_tells_the_kind_and_holds_the_bytes(kind):
    f = io.BytesIO()
    Image.new("RGB", (9, 9)).save(f, kind)
    start, encoded = data_uri(f.getvalue()).split(",")
    assert start == f"data:image/{kind};base64"
    assert base64.b64decode(encoded) == f.getvalue()


def test_other_bytes_are_no_thumbnail():
    with pytest.raises(ValueError, match=r"begins with b'<svg'; wanted a PNG, JPEG or WebP"):
        data_uri(b"<svg onload=...")
