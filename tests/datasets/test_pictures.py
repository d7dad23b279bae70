import io
import pickle
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, features

from illust_gan.datasets import DatasetError, PictureError, read_picture
from illust_gan.datasets.pictures import FORMATS

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def save(path, image, **options):
    image.save(path, **options)
    return path


def noise(width=97, height=61):
    values = np.random.RandomState(0).randint(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values)


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def colours(pixels):
    return {tuple(colour) for colour in pixels.reshape(-1, 3).tolist()}


def test_every_format_is_read(tmp_path):
    assert features.check("webp")
    for name in FORMATS:
        path = save(tmp_path / f"picture.{name.lower()}", Image.new("RGB", (40, 30), WHITE))
        pixels = read_picture(path, 16)
        assert pixels.shape == (16, 16, 3)
        assert pixels.dtype == np.uint8
        assert pixels.min() >= 254, name


def test_the_central_square_is_kept_and_nothing_is_stretched(tmp_path):
    wide = Image.new("RGB", (48, 16), RED)
    wide.paste(BLUE, (16, 0, 32, 16))
    assert colours(read_picture(save(tmp_path / "wide.png", wide), 16)) == {BLUE}
    tall = wide.rotate(90, expand=True)
    assert colours(read_picture(save(tmp_path / "tall.png", tall), 16)) == {BLUE}


def test_resizing_is_by_lanczos_filter(tmp_path):
    image = noise(64, 64)
    wanted = np.asarray(image.resize((16, 16), Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(read_picture(save(tmp_path / "n.png", image), 16), wanted)


def test_a_small_picture_is_enlarged(tmp_path):
    path = save(tmp_path / "tiny.png", Image.new("RGB", (3, 2), GREEN))
    assert colours(read_picture(path, 32)) == {GREEN}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = noise(8, 8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    path = save(tmp_path / "turned.png", stored, exif=exif)
    np.testing.assert_array_equal(read_picture(path, 8), np.asarray(upright))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_white(tmp_path, mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode)
    path = save(tmp_path / "clear.tiff" if mode == "PA" else tmp_path / "clear.png", image)
    assert colours(read_picture(path, 8)) == {WHITE}


def test_half_transparent_is_half_white(tmp_path):
    path = save(tmp_path / "half.png", Image.new("RGBA", (8, 8), (0, 0, 0, 51)))
    assert colours(read_picture(path, 8)) == {(204, 204, 204)}


@pytest.mark.parametrize("transparency", [0, bytes([0, 255])])
def test_a_transparent_colour_of_a_palette_is_white(tmp_path, transparency):
    image = Image.new("P", (16, 16), 0)
    image.putpalette([0, 0, 0, *BLUE])
    image.paste(1, (0, 0, 16, 8))
    path = save(tmp_path / "palette.png", image, transparency=transparency)
    pixels = read_picture(path, 16)
    assert colours(pixels[:8]) == {BLUE}
    assert colours(pixels[8:]) == {WHITE}


def test_a_transparent_colour_of_an_rgb_picture_is_white(tmp_path):
    path = save(tmp_path / "key.png", Image.new("RGB", (8, 8), RED), transparency=RED)
    assert colours(read_picture(path, 8)) == {WHITE}


@pytest.mark.parametrize("mode", ["L", "1"])
def test_greyscale_is_read(tmp_path, mode):
    path = save(tmp_path / "grey.png", Image.new(mode, (8, 8), 255))
    assert colours(read_picture(path, 8)) == {WHITE}


@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_16_bits_are_scaled_not_clipped(tmp_path, ending):
    values = np.array([[0, 257, 32896, 65535]], np.uint16).repeat(4, axis=0)
    path = save(tmp_path / f"deep.{ending}", Image.fromarray(values))
    assert read_picture(path, 4)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_16_bits_a_colour_are_read(tmp_path):
    row = b"\0" + struct.pack(">HHH", 65535, 32896, 257) * 2
    path = tmp_path / "rgb16.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * 2))
        + chunk(b"IEND", b"")
    )
    assert colours(read_picture(path, 2)) == {(255, 128, 1)}


def test_cmyk_is_read(tmp_path):
    path = save(tmp_path / "print.jpg", Image.new("CMYK", (16, 16), (255, 0, 0, 0)), quality=95)
    cyan = read_picture(path, 8).reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(cyan, (0, 255, 255), atol=3)


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_an_animation_is_taken(tmp_path, name):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    options = {"lossless": True} if name == "WEBP" else {}
    path = tmp_path / f"moving.{name.lower()}"
    save(path, frames[0], save_all=True, append_images=frames[1:], **options)
    assert colours(read_picture(path, 8)) == {RED}


def test_a_file_object_is_read_and_named():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), RED).save(file, "PNG")
    assert colours(read_picture(file, 8)) == {RED}
    with pytest.raises(PictureError, match=r"^a\.zip/1\.png: it is no PNG"):
        read_picture(io.BytesIO(b"text"), 8, name="a.zip/1.png")


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_truncated_picture_is_an_error_and_never_black(tmp_path, name, share):
    path = save(tmp_path / f"cut.{name.lower()}", noise())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(PictureError) as caught:
        read_picture(path, 8)
    assert caught.value.file == str(path)
    assert caught.value.word == "damaged"
    assert caught.value.reason.startswith("it is broken or cut short")


def test_a_text_file_by_the_name_of_a_picture(tmp_path):
    path = tmp_path / "page.png"
    path.write_text("<!doctype html>")
    with pytest.raises(
        PictureError, match=r"page\.png: it is no PNG, JPEG, WEBP, GIF, BMP or TIFF picture"
    ):
        read_picture(path, 8)


def test_other_formats_of_pillow_are_not_tried(tmp_path):
    path = save(tmp_path / "photoshop.png", Image.new("RGB", (8, 8)), format="PPM")
    with pytest.raises(PictureError, match="it is no PNG"):
        read_picture(path, 8)


@pytest.mark.parametrize(
    ("values", "reason"),
    [(np.ones((4, 4), np.float32), "floating-point"), (np.full((4, 4), 70_000, np.int32), "32")],
)
def test_pixels_without_a_known_range_are_refused(tmp_path, values, reason):
    path = save(tmp_path / "science.tiff", Image.fromarray(values))
    with pytest.raises(PictureError, match=f"{reason}.*; wanted 8 or 16 bits a channel"):
        read_picture(path, 8)


def test_a_missing_file_is_a_picture_error(tmp_path):
    with pytest.raises(PictureError, match=r"gone\.png: No such file or directory"):
        read_picture(tmp_path / "gone.png", 8)


def test_odd_exif_neither_warns_nor_loses_the_picture(tmp_path):
    path = save(tmp_path / "odd.jpg", Image.new("RGB", (8, 8), WHITE), exif=b"Exif\0\0II*\0\xff")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert colours(read_picture(path, 8)) == {WHITE}
    assert not caught


def test_a_picture_error_is_a_data_set_error_and_travels_between_processes():
    error = pickle.loads(pickle.dumps(PictureError("a.png", "it is cut short")))
    assert isinstance(error, DatasetError)
    assert str(error) == "a.png: it is cut short"


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_picture_is_fitted_and_laid_over_as_wanted(tmp_path, fit):
    path = save(tmp_path / "clear.png", Image.new("RGBA", (30, 20)))
    assert colours(read_picture(path, 8, fit=fit, background=GREEN)) == {GREEN}
    with pytest.raises(DatasetError, match="--fit is 'fill'"):
        read_picture(path, 8, fit="fill")
