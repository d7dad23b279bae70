import numpy as np
import pytest
from PIL import Image, ImageSequence

import illust_gan


@pytest.fixture
def frames():
    """Six frames of 8×8 in a few flat colours, so that 256 are enough."""
    colours = np.random.RandomState(0).randint(0, 256, (6, 2, 2, 3)).astype(np.uint8)
    return colours.repeat(4, axis=1).repeat(4, axis=2)


def read(path, mode="RGB"):
    with Image.open(path) as picture:
        shown = [
            (np.asarray(frame.convert(mode)), frame.info["duration"])
            for frame in ImageSequence.Iterator(picture)
        ]
        pixels, durations = zip(*shown)
        return picture.format, np.stack(pixels), durations, picture.info["loop"]


@pytest.mark.parametrize(
    ("name", "form"), [("x.gif", "GIF"), ("x.webp", "WEBP"), ("x.apng", "PNG"), ("x.PNG", "PNG")]
)
def test_every_frame_comes_back(frames, tmp_path, name, form):
    illust_gan.save_animation(frames, tmp_path / name, fps=10)
    found, pixels, durations, loop = read(tmp_path / name)
    assert (found, loop) == (form, 0)
    assert set(durations) == {100}
    np.testing.assert_array_equal(pixels, frames)
    first = (tmp_path / name).read_bytes()
    illust_gan.save_animation(frames, tmp_path / name, fps=10)
    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.apng"])
def test_larger(frames, tmp_path, name):
    illust_gan.save_animation(frames, tmp_path / name, scale=3)
    pixels = read(tmp_path / name)[1]
    np.testing.assert_array_equal(pixels, frames.repeat(3, axis=1).repeat(3, axis=2))


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.apng"])
def test_greyscale(frames, tmp_path, name):
    illust_gan.save_animation(frames[..., :1], tmp_path / name)
    np.testing.assert_array_equal(read(tmp_path / name, "L")[1], frames[..., 0])


def test_gif_of_many_colours_stays_near_them(tmp_path):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    face = np.stack([*np.meshgrid(ramp, ramp), np.full((64, 64), 90, np.uint8)], axis=2)
    illust_gan.save_animation(np.stack([face, face[::-1]]), tmp_path / "x.gif")
    pixels = read(tmp_path / "x.gif")[1].astype(int)
    assert abs(pixels - np.stack([face, face[::-1]])).mean() < 8


@pytest.mark.parametrize(("fps", "gif", "others"), [(25, 40, 40), (24, 40, 42), (50, 20, 20)])
def test_durations(frames, tmp_path, fps, gif, others):
    for name, milliseconds in (("x.gif", gif), ("x.webp", others), ("x.apng", others)):
        illust_gan.save_animation(frames, tmp_path / name, fps=fps)
        assert set(read(tmp_path / name)[2]) == {milliseconds}


@pytest.mark.parametrize(
    ("name", "options", "pattern"),
    [
        ("x.mov", {}, r"x\.mov has no ending of an animation; give \.gif, .*\.mp4, or"),
        ("x", {}, "x has no ending"),
        ("x.gif", {"fps": 0}, "fps is 0; wanted 1 to 50"),
        ("x.gif", {"fps": 51}, "fps is 51"),
        ("x.gif", {"scale": 17}, "scale is 17; wanted 1 to 16"),
    ],
)
def test_bad_input(frames, tmp_path, name, options, pattern):
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.save_animation(frames, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_more_pixels_than_memory(tmp_path):
    # A view of one frame, which takes no memory itself.
    many = np.broadcast_to(np.zeros((1, 96, 96, 3), np.uint8), (500, 96, 96, 3))
    with pytest.raises(illust_gan.UserError, match="are 1180 million pixels; wanted 537 million"):
        illust_gan.save_animation(many, tmp_path / "x.gif", scale=16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (8, 8, 3)])
def test_no_frames(tmp_path, shape):
    with pytest.raises(ValueError, match=r"wants frames of shape \(N, H, W, 3\).*given"):
        illust_gan.save_animation(np.zeros(shape, np.uint8), tmp_path / "x.gif")
    assert list(tmp_path.iterdir()) == []
