import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from illust_gan.datasets.colours import lay_over, to_rgb
from illust_gan.datasets.fitting import to_square
from illust_gan.datasets.pictures import decode

MAGENTA = (255, 0, 255)
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))


def reopened(image, kind="PNG", **options):
    f = io.BytesIO()
    image.save(f, kind, **options)
    return decode(io.BytesIO(f.getvalue()), "a picture")


def xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def to_d50(primaries):
    """The matrix from linear RGB to XYZ adapted from D65 to D50 by Bradford's method."""
    white, d50 = xyz(0.3127, 0.3290), np.array([0.9642, 1, 0.8249])
    columns = np.array([xyz(*primary) for primary in primaries]).T
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    cones = np.diag((bradford @ d50) / (bradford @ white))
    return np.linalg.inv(bradford) @ cones @ bradford @ (columns * np.linalg.solve(columns, white))


def srgb_to_linear(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(v):
    v = np.clip(v, 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def profile(tags, space=b"RGB ", connection=b"XYZ ", kind=b"mntr"):
    """An ICC profile of version 2, put together by hand from ICC.1:2001."""
    d50 = struct.pack(">3i", *(round(v * 65536) for v in (0.9642, 1, 0.8249)))
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": b"XYZ \0\0\0\0" + d50,
        **tags,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12x4s28x12s", start + len(body), b"none", 0x02400000, kind, space, connection,
        b"acsp", d50,
    )  # fmt: skip
    return header.ljust(128, b"\0") + table + body


def curve(values):
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def gamma(exponent):
    return curve([round(exponent * 256)])


SRGB_CURVE = curve([round(65535 * float(srgb_to_linear(i / 1023))) for i in range(1024)])


def screen(primaries, tone):
    tags = {}
    for name, column in zip((b"r", b"g", b"b"), to_d50(primaries).T):
        fixed = struct.pack(">3i", *(round(v * 65536) for v in column))
        tags |= {name + b"XYZ": b"XYZ \0\0\0\0" + fixed, name + b"TRC": tone}
    return profile(tags)


def table(n_inputs, nodes):
    """A table of 8 bits with two steps along every axis, the last axis fastest."""
    n_outputs, ramp = len(nodes[0]), bytes(range(256))
    head = b"mft1\0\0\0\0" + bytes([n_inputs, n_outputs, 2, 0])
    head += struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).flat)
    return head + ramp * n_inputs + bytes(v for node in nodes for v in node) + ramp * n_outputs


def press(overprints):
    """A profile of a press, which knows the way back from Lab in black ink only."""
    back = [(0, 0, 0, 255)] * 4 + [(0, 0, 0, 0)] * 4
    tags = {b"A2B0": table(4, overprints), b"B2A0": table(3, back)}
    return profile(tags, b"CMYK", b"Lab ", b"prtr")


def true_srgb(rgb, primaries, to_linear):
    matrix = np.linalg.inv(to_d50(SRGB)) @ to_d50(primaries)
    return 255 * linear_to_srgb(to_linear(np.asarray(rgb) / 255) @ matrix.T)


WIDE = {
    "Display P3": (DISPLAY_P3, SRGB_CURVE, srgb_to_linear),
    "Adobe RGB": (ADOBE_RGB, gamma(563 / 256), lambda v: v ** (563 / 256)),
}


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_a_wide_gamut_comes_out_as_colorimetry_says(name, kind):
    primaries, tone, to_linear = WIDE[name]
    levels = np.arange(0, 256, 51)
    rgb = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(6, 36, 3).astype(np.uint8)
    options = {"lossless": True} if kind == "WEBP" else {}
    plain = reopened(Image.fromarray(rgb), kind, icc_profile=screen(primaries, tone), **options)
    pixels = lay_over(plain, MAGENTA, plain.info["icc_profile"])
    np.testing.assert_allclose(pixels, true_srgb(rgb, primaries, to_linear), atol=2)
    assert np.abs(pixels.astype(int) - rgb).max() > 25


def test_a_profile_survives_turning_shrinking_and_jpeg():
    exif = Image.Exif()
    exif[0x0112] = 6
    f = io.BytesIO()
    image = Image.new("RGB", (640, 480), (60, 200, 90))
    profile = screen(*WIDE["Display P3"][:2])
    image.save(f, "JPEG", quality=95, icc_profile=profile, exif=exif)
    plain = decode(f, "a.jpg", shrink_to=(32, 32))
    wanted = true_srgb((60, 200, 90), DISPLAY_P3, srgb_to_linear)
    np.testing.assert_allclose(to_square(plain, 32)[16, 16], wanted, atol=3)


def test_transparent_colours_are_converted_before_the_background_comes_in():
    image = Image.new("RGBA", (8, 8), (60, 200, 90, 128))
    plain = reopened(image, icc_profile=screen(*WIDE["Display P3"][:2]))
    pixels = to_square(plain, 4, background=MAGENTA)
    colour = true_srgb((60, 200, 90), DISPLAY_P3, srgb_to_linear)
    wanted = (colour * 128 + np.array(MAGENTA) * 127) / 255
    np.testing.assert_allclose(pixels[2, 2], wanted, atol=2)
    clear = reopened(Image.new("RGBA", (8, 8)), icc_profile=screen(*WIDE["Display P3"][:2]))
    assert (to_square(clear, 4, background=MAGENTA) == MAGENTA).all()


@pytest.mark.parametrize(
    "srgb",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        screen(SRGB, SRGB_CURVE),
        # Rounded, as by some programs: a level more or less here and there.
        screen(((0.6401, 0.33), (0.3, 0.6001), (0.15, 0.0601)), SRGB_CURVE),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_srgb_by_any_name_changes_nothing(srgb, mode):
    values = np.random.RandomState(0).randint(0, 256, (32, 32, len(mode)), np.uint8)
    image = Image.fromarray(values)
    without = to_square(reopened(image), 16)
    np.testing.assert_array_equal(to_square(reopened(image, icc_profile=srgb), 16), without)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_has_profiles_too(mode):
    grey = profile({b"kTRC": gamma(1.8)}, b"GRAY")
    image = Image.new("L", (4, 4), 100).convert(mode)
    pixels = to_square(reopened(image, icc_profile=grey), 4)
    wanted = 255 * linear_to_srgb((100 / 255) ** 1.8)
    np.testing.assert_allclose(pixels, wanted, atol=1)
    assert abs(wanted - 100) > 5


def test_inks_come_out_as_their_profile_says():
    # Lab of the paper, of cyan and of magenta; all the others are as dark as black ink, L 15.7.
    solids = {0b0000: (255, 128, 128), 0b1000: (140, 91, 78), 0b0100: (122, 202, 125)}
    icc = press([solids.get(number, (40, 128, 128)) for number in range(16)])
    for inks, number in [((255, 0, 0, 0), 0b1000), ((0, 255, 0, 0), 0b0100)]:
        plain = reopened(Image.new("CMYK", (8, 8), inks), "TIFF", icc_profile=icc)
        wanted = Image.new("LAB", (1, 1), solids[number]).convert("RGB").getpixel((0, 0))
        # Black point compensation moves what is darker than the paper, the darker the further.
        np.testing.assert_allclose(to_square(plain, 4)[2, 2], wanted, atol=16)
        naive = to_rgb(plain, MAGENTA).getpixel((0, 0))
        assert np.abs(np.array(naive) - wanted).max() > 50
    for inks, grey in [((0, 0, 0, 0), 255), ((0, 0, 0, 255), 0)]:
        plain = reopened(Image.new("CMYK", (8, 8), inks), "JPEG", icc_profile=icc)
        np.testing.assert_allclose(to_square(plain, 4), grey, atol=3)


P3 = screen(*WIDE["Display P3"][:2])


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", P3[:300]),
        ("RGB", b"not a profile"),
        ("RGB", P3 + bytes(4_000_000)),
        ("RGB", profile({b"kTRC": gamma(1.0)}, b"GRAY")),
        ("RGB", P3.replace(b"mntr", b"abst", 1)),
        ("L", P3),
        ("CMYK", P3),
    ],
)
def test_profiles_that_are_broken_huge_or_of_another_kind_are_left_aside(mode, profile):
    image = Image.new("RGB", (8, 8), (60, 200, 90)).convert(mode)
    pixels = to_square(reopened(image, "TIFF", icc_profile=profile), 4)
    np.testing.assert_array_equal(pixels, to_square(image, 4))
