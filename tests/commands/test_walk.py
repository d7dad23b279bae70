import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main


@pytest.fixture
def snapshot(trained):
    return str(trained / "generator.npz")


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def test_strip_has_a_row_from_each_face_to_the_next(snapshot, tmp_path, capsys):
    out = tmp_path / "new" / "walk.png"
    walk = "walk {snapshot} -o {out} --faces 3,17,42 --seed 1 --frames 4 --scale 2"
    assert run(walk, snapshot=snapshot, out=out) == 0
    assert capsys.readouterr().out == (
        f"{snapshot} is rezoolab's generator of illust-gan\n"
        f"12 frames through faces 3, 17, 42 and back, seed 1, in {out}\n"
    )
    film = illust_gan.walk(illust_gan.load_generator(snapshot), [3, 17, 42], seed=1, frames=4)
    strip = np.asarray(illust_gan.sheet(film, columns=4))
    with Image.open(out) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        np.testing.assert_array_equal(picture, strip.repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("walk.gif", "GIF"),
        ("walk.webp", "WEBP"),
        ("walk.apng", "PNG"),
        ("walk.PNG --animate", "PNG"),
    ],
)
def test_animations(snapshot, tmp_path, name, form):
    out = f"{tmp_path}/{name}"
    arguments = "--faces 0,5 --frames 3 --fps 10 --scale 2 --interpolation linear"
    assert run(f"walk {snapshot} -o {out} {arguments}") == 0
    gen = illust_gan.load_generator(snapshot)
    film = illust_gan.walk(gen, [0, 5], frames=3, interpolation="linear")
    with Image.open(out.split()[0]) as picture:
        assert picture.format == form
        assert picture.n_frames == 6
        assert picture.size == (128, 128)
        picture.seek(2)
        third = np.asarray(picture.convert("RGB"))[::2, ::2].astype(int)
        assert picture.info["duration"] == 100
    if form == "GIF":
        # The faces of a net that has learnt nothing have more than 256 colours. On the way back
        # frame 4 is the same as frame 2.
        assert abs(third - film).mean(axis=(1, 2, 3)).argmin() in (2, 4)
    else:
        np.testing.assert_array_equal(third, film[2])


def test_mp4(snapshot, tmp_path):
    av = pytest.importorskip("av")
    out = f"{tmp_path}/walk.MP4"
    assert run(f"walk {snapshot} -o {out} --faces 0,5 --frames 3 --fps 10 --scale 2") == 0
    film = illust_gan.walk(illust_gan.load_generator(snapshot), [0, 5], frames=3)
    with av.open(out) as found:
        assert found.streams.video[0].average_rate == 10
        frames = [frame.to_ndarray(format="rgb24") for frame in found.decode(video=0)]
    assert np.shape(frames) == (6, 128, 128, 3)
    means = np.stack(frames).mean(axis=(1, 2))
    np.testing.assert_allclose(means, film.mean(axis=(1, 2)), atol=2)


def test_mp4_without_av_is_told_before_anything_is_done(snapshot, tmp_path):
    code = f"""
import sys
sys.modules["av"] = None
from illust_gan.commands.main import main
sys.exit(main(["walk", {snapshot!r}, "-o", {str(tmp_path / "new" / "x.mp4")!r}]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "illust-gan: writing MP4 needs the package av>=15, which is not installed; "
        "pip install 'av>=15', or give a name that ends in .gif, .webp or .apng, which need no "
        "package\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_replaced_only_by_force(snapshot, tmp_path, capsys):
    out = tmp_path / "walk.gif"
    out.write_bytes(b"mine")
    walk = f"walk {snapshot} -o {out} --frames 1"
    assert run(walk) == 2
    said = capsys.readouterr()
    assert said.err == (
        f"illust-gan: -o {out} exists already; give another name, or replace it with --force\n"
    )
    assert out.read_bytes() == b"mine"
    assert run(f"{walk} --force") == 0
    assert out.read_bytes().startswith(b"GIF89a")
    assert [p.name for p in tmp_path.iterdir()] == ["walk.gif"]


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("-o {tmp}/x.gif --faces 3", "--faces names one face, 3; a walk wants two or more"),
        ("-o {tmp}/x.gif --faces 3,3", "--faces names one face, 3"),
        ("-o {tmp}/x.gif --faces 3,eyes", "--faces names a face 'eyes'; wanted whole numbers"),
        ("-o {tmp}/x.gif --faces 3,-1", "--faces names a face '-1'"),
        ("-o {tmp}/x.gif --frames 0", "--frames is 0; wanted 1 to 2500"),
        ("-o {tmp}/x.gif --frames 999999", "--frames is 999999; wanted 1 to 2500"),
        ("-o {tmp}/new/x.gif --frames 160 --scale 16", "671 million pixels; wanted 537 million"),
        ("-o {tmp}/new/x.png --frames 160 --scale 16", "take fewer frames (--frames) or"),
        ("-o {tmp}/x.gif --frames two", "Invalid value for '--frames'"),
        ("-o {tmp}/x.gif --fps 0", "Invalid value for '--fps'"),
        ("-o {tmp}/x.gif --seed -1", "Invalid value for '--seed'"),
        ("-o {tmp}/x.gif -d 99", "--device 99 is not there"),
        ("-o {tmp}/x.mov", "give .png for a strip, or .gif, .webp, .apng, .mp4 (or .png and"),
        ("-o {tmp}/.gif", ".gif has no ending of an animation"),
        ("-o {tmp}/walk", "walk has no ending that is known"),
        ("-o {run}/log/x.gif", "log"),
    ],
)
def test_bad_input(trained, tmp_path, capsys, arguments, pattern):
    assert run("walk {run}/generator.npz " + arguments, run=trained, tmp=tmp_path) == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
