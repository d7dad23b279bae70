import pathlib
import subprocess
import sys
import tomllib
import types

import numpy as np
import pytest

import illust_gan
from illust_gan.generation.mp4 import REQUIREMENT, import_av

PYPROJECT = pathlib.Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture
def av():
    return pytest.importorskip("av")


@pytest.fixture
def frames():
    """Twelve frames of 8×8, each of four flat squares."""
    colours = np.random.RandomState(0).randint(0, 256, (12, 2, 2, 3)).astype(np.uint8)
    return colours.repeat(4, axis=1).repeat(4, axis=2)


def decode(av, path):
    """Return the stream's settings and the pixels of all frames, by the colours it says it has."""
    with av.open(path) as film:
        (stream,) = film.streams
        pixels = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        codec = stream.codec_context
        return stream, codec, np.stack(pixels).astype(int)


def test_every_frame_comes_back_in_nearly_its_colours(av, frames, tmp_path):
    illust_gan.save_animation(frames, tmp_path / "x.mp4", fps=10, scale=2)
    stream, codec, pixels = decode(av, str(tmp_path / "x.mp4"))
    assert (codec.name, codec.pix_fmt, codec.profile) == ("h264", "yuv420p", "High")
    assert (stream.average_rate, stream.frames, len(pixels)) == (10, 12, 12)
    assert float(stream.duration * stream.time_base) == 1.2
    # BT.709 of limited range, with the curve of sRGB.
    assert (codec.color_primaries, codec.colorspace, codec.color_trc) == (1, 1, 13)
    assert codec.color_range == 1
    difference = abs(pixels - frames.repeat(2, axis=1).repeat(2, axis=2))
    assert difference.mean() < 1.7
    # In the middle of a square, where no other colour is near.
    assert difference[:, 3:16:8, 3:16:8].max() <= 5


def test_the_index_comes_first_and_the_same_frames_give_the_same_bytes(av, frames, tmp_path):
    for name in ("a.mp4", "b.MP4"):
        illust_gan.save_animation(frames, tmp_path / name, scale=2)
    film = (tmp_path / "a.mp4").read_bytes()
    assert 0 < film.index(b"moov") < film.index(b"mdat")
    assert film == (tmp_path / "b.MP4").read_bytes()


@pytest.mark.parametrize("kind", ["noise", "ramp"])
def test_the_index_of_a_long_film_fits(av, tmp_path, kind):
    shape = (2000, 16, 16, 3)
    if kind == "noise":
        frames = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    else:
        steps = np.abs(np.arange(2000) % 200 - 100).astype(np.uint8)
        frames = np.broadcast_to(steps[:, None, None, None], shape)
    illust_gan.save_animation(frames, tmp_path / "x.mp4", fps=50)
    assert decode(av, str(tmp_path / "x.mp4"))[0].frames == 2000


def test_greyscale(av, frames, tmp_path):
    illust_gan.save_animation(frames[..., :1], tmp_path / "x.mp4", scale=4)
    pixels = decode(av, str(tmp_path / "x.mp4"))[2]
    grey = frames[..., :1].repeat(4, axis=1).repeat(4, axis=2)
    assert abs(pixels - grey).mean() < 1.5


@pytest.mark.usefixtures("bars_at_once")
@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_on_stderr_and_only_when_wanted(av, frames, tmp_path, capsys, progress):
    illust_gan.save_animation(frames, tmp_path / "x.mp4", progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("writing: 100%" in err and " 12/12 " in err) is progress
    assert bool(err) is progress


@pytest.mark.parametrize(
    ("shape", "scale", "pattern"),
    [
        ((2, 5, 8, 3), 1, "frames of 8×5, 1 times as large, have an odd edge.*even --scale"),
        ((2, 8, 5, 3), 3, "frames of 5×8, 3 times as large, have an odd edge"),
        ((1, 8, 4098, 3), 1, "an edge of 4098 pixels; wanted 4096 at most in an MP4"),
    ],
)
def test_sizes_that_are_refused(av, tmp_path, shape, scale, pattern):
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.save_animation(np.zeros(shape, np.uint8), tmp_path / "x.mp4", scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_an_odd_edge_becomes_an_even_one(av, tmp_path):
    illust_gan.save_animation(np.zeros((2, 5, 7, 3), np.uint8), tmp_path / "x.mp4", scale=2)
    assert decode(av, str(tmp_path / "x.mp4"))[2].shape == (2, 10, 14, 3)


def test_a_full_disk_leaves_what_was_there(av, tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"mine")
    code = f"""
import resource, signal, numpy as np, illust_gan
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
frames = np.random.RandomState(0).randint(0, 256, (20, 64, 64, 3)).astype(np.uint8)
try:
    illust_gan.save_animation(frames, {str(tmp_path / "x.mp4")!r})
except OSError as error:
    print(error.strerror, error.filename)
"""
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == f"File too large {tmp_path}/x.mp4\n"
    assert [p.name for p in tmp_path.iterdir()] == ["x.mp4"]
    assert (tmp_path / "x.mp4").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("stand_in", "pattern"),
    [
        (None, r"needs the package av>=15, which is not installed; pip install 'av>=15', or give"),
        ({"__version__": "9.2.0"}, r"needs the package av>=15, and 9\.2\.0 is here, which is too"),
        (
            {"__version__": "18.1.0", "codecs_available": {"mpeg4"}},
            "and the one that is here was built without libx264; pip install",
        ),
    ],
)
def test_a_package_that_will_not_do(frames, tmp_path, monkeypatch, stand_in, pattern):
    module = None
    if stand_in is not None:
        module = types.ModuleType("av")
        vars(module).update(stand_in)
    monkeypatch.setitem(sys.modules, "av", module)
    with pytest.raises(illust_gan.UserError, match=pattern):
        illust_gan.save_animation(frames, tmp_path / "x.mp4")
    illust_gan.save_animation(frames, tmp_path / "x.gif")
    assert [p.name for p in tmp_path.iterdir()] == ["x.gif"]


def test_a_package_that_does_not_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "av.py").write_text("raise ImportError('libavcodec.so: too old')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "av", raising=False)
    with pytest.raises(illust_gan.UserError, match=r"cannot be loaded \(libavcodec\.so: too old\)"):
        import_av()


@pytest.mark.skipif(not PYPROJECT.exists(), reason="this is an installed package")
def test_the_extras_are_the_same():
    extras = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert extras["video"] == [REQUIREMENT]
    assert REQUIREMENT in extras["dev"]
