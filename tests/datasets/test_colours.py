import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import DatasetError, PictureError
from illust_gan.datasets.colours import lay_over, parse_colour, to_rgb
from illust_gan.datasets.fitting import to_square
from illust_gan.datasets.pictures import decode

MAGENTA = (255, 0, 255)


def reopened(image, kind="PNG", change=lambda data: data, **options):
    """What decode makes of a picture that was saved, and maybe changed on the disk."""
    f = io.BytesIO()
    image.save(f, kind, **options)
    return decode(io.BytesIO(change(f.getvalue())), "a picture")


def png(bits, kind, row, *chunks):
    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    width = len(row) * 8 // bits // {0: 1, 2: 3, 4: 2}[kind]
    data = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, 1, bits, kind, 0, 0, 0)
    )
    for name, content in (*chunks, (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")):
        data += chunk(name, content)
    return decode(io.BytesIO(data), "a.png")


def tag(number, old, new):
    """A change of one 16-bit value in the directory of a little-endian TIFF."""

    def change(data):
        before, after = (struct.pack("<HHIH", number, 3, 1, value) for value in (old, new))
        assert data.count(before) == 1
        return data.replace(before, after)

    return change


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_16_bits_become_the_nearest_of_8(kind, order):
    values = np.array([[0, 128, 129, 32896, 65406, 65407, 65535]], np.uint16)
    mode = "I;16B" if order == ">u2" else "I;16"
    image = Image.frombytes(mode, (7, 1), values.astype(order).tobytes())
    if kind == "PNG":
        image = Image.fromarray(values)
    plain = reopened(image, kind)
    assert plain.mode == "L"
    assert np.asarray(plain).tolist() == [[0, 0, 1, 128, 254, 255, 255]]


def test_pictures_of_16_bits_are_converted_in_strips_without_a_seam():
    rows = 2 * (1 << 20) // 4096 + 3
    values = np.arange(rows * 4096, dtype=np.uint32).reshape(rows, 4096) % 65536
    plain = reopened(Image.fromarray(values.astype(np.uint16)), "TIFF")
    wanted = np.rint(values / 257).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(plain), wanted)


def test_12_bits_of_tiff_fill_the_range():
    image = Image.frombytes("I;16", (2, 1), b"\xff\xf8\x00\x00")
    plain = reopened(image, "TIFF", tag(258, 16, 12))
    assert np.asarray(plain).tolist() == [[255, 128]]


def test_16_bits_of_tiff_with_white_at_zero_are_no_negative():
    image = Image.fromarray(np.array([[0, 257, 65535]], np.uint16))
    plain = reopened(image, "TIFF", tag(262, 1, 0))
    assert np.asarray(plain).tolist() == [[255, 254, 0]]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.ones((4, 4), np.float32), "are floating-point numbers"),
        (np.full((4, 4), 7, np.int32), "have 32 bits or a sign"),
    ],
)
def test_values_without_a_known_range_are_refused(values, what):
    with pytest.raises(PictureError, match=f"its pixels {what}; wanted 8 or 16 bits") as caught:
        reopened(Image.fromarray(values), "TIFF")
    assert caught.value.word == "depth"


def test_modes_that_hold_rgb_in_another_way():
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    for plain in (
        reopened(image.convert("YCbCr"), "TIFF"),
        reopened(image.convert("LAB"), "TIFF"),
        reopened(image.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"),
        reopened(image.convert("RGBA"), "TIFF", tag(338, 2, 0)),
    ):
        assert plain.mode == "RGB"
        np.testing.assert_allclose(plain.getpixel((3, 3)), (200, 100, 50), atol=2)


def test_alpha_that_is_multiplied_in_is_taken_out():
    rgba = Image.new("RGBA", (2, 2), (100, 50, 0, 128))
    assert reopened(rgba, "TIFF", tag(338, 2, 1)).getpixel((0, 0)) == (199, 99, 0, 128)
    grey = Image.new("LA", (2, 2), (100, 128))
    assert reopened(grey, "TIFF", tag(338, 2, 1)).getpixel((0, 0)) == (199, 128)


def test_alpha_of_16_bits_is_kept():
    plain = png(16, 4, struct.pack(">HH", 65535, 32896))
    assert plain.getpixel((0, 0)) == (255, 255, 255, 128)


@pytest.mark.parametrize("transparency", [0, bytes([0, 100]), bytes([0])])
def test_palettes_keep_their_transparency(transparency):
    image = Image.new("P", (2, 1))
    image.putpalette([9, 9, 9, *MAGENTA])
    image.putpixel((1, 0), 1)
    plain = reopened(image, transparency=transparency)
    assert plain.mode == "RGBA"
    assert plain.getpixel((0, 0))[3] == 0
    assert plain.getpixel((1, 0)) == (*MAGENTA, 100 if transparency == bytes([0, 100]) else 255)


@pytest.mark.parametrize(
    ("bits", "kind", "row", "key"),
    [
        (1, 0, b"\x80", (1,)),
        (2, 0, b"\xc0", (3,)),
        (4, 0, b"\xf0", (15,)),
        (8, 0, b"\xf0\x0f", (240,)),
        (16, 0, b"\xab\xcd\x00\x07", (0xABCD,)),
        (8, 2, b"\x01\x02\x03\x03\x02\x01", (1, 2, 3)),
        (16, 2, b"\xab\xcd" * 3 + bytes(6), (0xABCD,) * 3),
    ],
)
def test_the_transparent_colour_of_png_is_found_at_every_depth(bits, kind, row, key):
    plain = png(bits, kind, row, (b"tRNS", struct.pack(f">{len(key)}H", *key)))
    assert plain.mode == ("LA" if kind == 0 else "RGBA")
    assert plain.getpixel((0, 0))[-1] == 0
    assert plain.getpixel((1, 0))[-1] == 255


@pytest.mark.parametrize(("kind", "options"), [("TIFF", {}), ("JPEG", {"quality": 95})])
@pytest.mark.parametrize(
    ("inks", "rgb"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((51, 102, 0, 102), (122, 92, 153)),
    ],
)
def test_inks_are_not_inverted(kind, options, inks, rgb):
    plain = reopened(Image.new("CMYK", (16, 16), inks), kind, **options)
    assert plain.mode == "CMYK"
    np.testing.assert_allclose(to_square(plain, 4)[1, 1], rgb, atol=3)
    np.testing.assert_allclose(to_rgb(plain, MAGENTA).getpixel((8, 8)), rgb, atol=3)


def test_gamma_of_png_is_left_aside():
    plain = png(8, 2, b"\x64" * 3, (b"gAMA", struct.pack(">I", 100_000)))
    assert to_square(plain, 1).tolist() == [[[100, 100, 100]]]


def test_what_the_filter_overshoots_stays_in_range():
    brighter_than_its_alpha = Image.new("RGBa", (1, 1), (200, 0, 100, 100))
    assert lay_over(brighter_than_its_alpha, (255, 255, 255)).tolist() == [[[255, 155, 255]]]


def test_laying_over_rounds_every_value_to_the_nearest():
    colour, alpha = np.meshgrid(np.arange(0, 256, 5), np.arange(256), indexing="ij")
    straight = np.stack([colour, 255 - colour, colour * 0 + 200, alpha], -1).astype(np.uint8)
    image = Image.fromarray(straight).convert("RGBa")
    multiplied = np.asarray(image)[:, :, :3].astype(float)
    wanted = multiplied + np.array((1, 7, 254)) * (255 - alpha[:, :, None]) / 255
    pixels = lay_over(image, (1, 7, 254))
    assert np.abs(pixels - np.clip(wanted, 0, 255)).max() <= 0.5


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_to_rgb_lays_over_at_full_size(mode):
    image = Image.new("LA", (5, 3), (100, 51)).convert(mode)
    laid = to_rgb(image, (0, 255, 100))
    assert laid.mode == "RGB"
    assert laid.size == (5, 3)
    assert laid.getpixel((4, 2)) == (20, 224, 100)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_to_rgb_of_opaque_pictures_is_a_conversion(mode):
    image = Image.new("RGB", (5, 3), (50, 50, 50)).convert(mode)
    assert to_rgb(image, MAGENTA).getpixel((0, 0)) == (50, 50, 50)


def test_to_rgb_of_rgb_is_no_copy():
    image = Image.new("RGB", (5, 3))
    assert to_rgb(image, MAGENTA) is image


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("white", (255, 255, 255)),
        (" Gray ", (128, 128, 128)),
        ("#0f8", (0, 255, 136)),
        ("#00Ff80", (0, 255, 128)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
    ],
)
def test_colours_by_name_or_number(text, colour):
    assert parse_colour(text) == colour


@pytest.mark.parametrize(
    "text",
    ["", "whitish", "#12", "#0f08", "#00ff0080", "rgb(300,0,0)", "transparent", "12,13,14",
     "hsl(0,300%,50%)", "\x1b[2J" + "x" * 300],
)  # fmt: skip
def test_what_is_no_opaque_colour_is_told(text):
    with pytest.raises(DatasetError, match=r"--background is '.*'; wanted .* white, or #rgb") as e:
        parse_colour(text)
    assert "\x1b" not in str(e.value)
