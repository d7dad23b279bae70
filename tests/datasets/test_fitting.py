import numpy as np
import pytest
from PIL import Image

from illust_gan.datasets import DatasetError
from illust_gan.datasets.fitting import FITS, to_square

RED, BLUE, GREY = (255, 0, 0), (0, 0, 255), (90, 90, 90)


def noise(width, height, channels=3):
    values = np.random.RandomState(0).randint(0, 256, (height, width, channels), np.uint8)
    return Image.fromarray(values)


def colours(pixels):
    return {tuple(colour) for colour in pixels.reshape(-1, 3).tolist()}


def red_beside_blue():
    image = Image.new("RGB", (64, 32), RED)
    image.paste(BLUE, (32, 0, 64, 32))
    return image


def test_crop_keeps_the_central_square_unstretched():
    image = noise(64, 32)
    wanted = np.asarray(image.crop((16, 0, 48, 32)))
    np.testing.assert_array_equal(to_square(image, 32), wanted)
    tall = image.transpose(Image.Transpose.TRANSPOSE)
    np.testing.assert_array_equal(to_square(tall, 32), wanted.transpose(1, 0, 2))


def test_pad_keeps_the_whole_in_the_middle_of_the_background():
    pixels = to_square(red_beside_blue(), 32, fit="pad", background=GREY)
    assert colours(pixels[:8]) == colours(pixels[24:]) == {GREY}
    assert colours(pixels[8:24, :12]) == {RED}
    assert colours(pixels[8:24, 20:]) == {BLUE}
    upright = red_beside_blue().transpose(Image.Transpose.TRANSPOSE)
    turned = to_square(upright, 32, fit="pad", background=GREY)
    np.testing.assert_array_equal(turned, pixels.transpose(1, 0, 2))


def test_stretch_keeps_the_whole_out_of_proportion():
    pixels = to_square(red_beside_blue(), 32, fit="stretch")
    assert colours(pixels[:, :12]) == {RED}
    assert colours(pixels[:, 20:]) == {BLUE}


@pytest.mark.parametrize("fit", FITS)
def test_a_square_is_the_same_in_every_fit(fit):
    np.testing.assert_array_equal(to_square(noise(32, 32), 8, fit=fit), to_square(noise(32, 32), 8))


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "CMYK"])
@pytest.mark.parametrize("size", [(1, 10_000), (10_000, 1), (1, 1)])
def test_elongated_pictures_of_any_mode_are_fitted(fit, mode, size):
    image = Image.new("RGB", size, "white").convert(mode)
    pixels = to_square(image, 16, fit=fit, background=(255, 255, 255))
    assert pixels.shape == (16, 16, 3)
    assert pixels.dtype == np.uint8
    assert pixels.min() == 255


def test_a_line_in_a_padded_square_is_one_pixel_wide():
    pixels = to_square(Image.new("RGB", (1, 10_000), RED), 16, fit="pad", background=GREY)
    assert (pixels == RED).all(axis=2).sum(axis=1).tolist() == [1] * 16


def test_a_box_takes_its_part_only():
    image = Image.new("RGB", (100, 80), GREY)
    image.paste(RED, (10, 20, 50, 60))
    assert colours(to_square(image, 16, box=(15, 25, 45, 55))) == {RED}
    inside = to_square(image, 40, box=(10, 20, 50, 60))
    assert colours(inside) == {RED}
    half = to_square(image, 40, box=(30, 20, 70, 60))
    assert colours(half[:, :16]) == {RED}
    assert colours(half[:, 24:]) == {GREY}


def test_a_box_that_is_no_square_is_fitted_like_a_picture():
    image = noise(128, 96)
    for fit in FITS:
        boxed = to_square(image, 48, fit=fit, box=(16, 24, 112, 72))
        whole = to_square(image.crop((16, 24, 112, 72)), 48, fit=fit)
        # Beyond the box the filter sees the picture, beyond the picture nothing.
        np.testing.assert_array_equal(boxed[18:30, 18:30], whole[18:30, 18:30])


def test_the_quick_way_down_is_hardly_to_be_told_from_the_fair_one():
    smooth = noise(24, 24).resize((640, 640), Image.Resampling.BICUBIC)
    fair = np.asarray(smooth.resize((32, 32), Image.Resampling.LANCZOS)).astype(int)
    assert np.abs(to_square(smooth, 32) - fair).max() <= 3


@pytest.mark.parametrize("edge", [16, 100, 300])
def test_an_opaque_picture_is_what_lanczos_makes_of_rgb(edge):
    image = noise(edge, edge)
    wanted = image.resize((16, 16), Image.Resampling.LANCZOS, reducing_gap=3.0)
    opaque = image.copy()
    opaque.putalpha(255)
    for background in (GREY, (255, 255, 255)):
        pixels = to_square(opaque, 16, background=background)
        np.testing.assert_array_equal(pixels, np.asarray(wanted))


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 0, 255), (0, 0, 0)])
@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255), (0, 255, 0)])
def test_what_is_transparent_gives_no_fringe(background, hidden):
    image = Image.new("RGBA", (61, 61), (*hidden, 0))
    image.paste((*RED, 255), (0, 0, 30, 61))
    pixels = to_square(image, 16, background=background).astype(float)
    back = np.array(background, float)
    # How far each pixel lies on the way from the background to red; all of it must be on that way.
    way = np.array(RED) - back
    share = ((pixels - back) @ way / (way @ way))[:, :, None]
    np.testing.assert_allclose(pixels, back + share * way, atol=1)
    assert len(np.unique(share[8].round(3))) > 2


def test_fringes_would_be_seen_without_premultiplying():
    image = Image.new("RGBA", (61, 61), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 30, 61))
    flat = Image.merge("RGBA", [band.resize((16, 16)) for band in image.split()])
    white = Image.new("RGBA", (16, 16), "white")
    fringed = np.asarray(Image.alpha_composite(white, flat))[8, :, :3]
    assert (fringed[:, 0] < 250).any()
    assert (to_square(image, 16)[8, :, 0] >= 254).all()


def test_a_fit_of_another_name_is_told():
    with pytest.raises(DatasetError, match="--fit is 'fill'; wanted crop, pad or stretch"):
        to_square(noise(8, 8), 8, fit="fill")
