import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from tests.golden_run import GOLDEN


@pytest.fixture
def snapshot(trained):
    return str(trained / "generator.npz")


def test_sheet(snapshot, tmp_path, capsys):
    out = tmp_path / "new" / "faces.png"
    assert main(["generate", snapshot, "-o", str(out), "--n", "6", "--columns", "3"]) == 0
    assert capsys.readouterr().out == (
        f"{snapshot} is rezoolab's generator of illust-gan\n6 faces of 64×64, seed 0, in {out}\n"
    )
    faces = illust_gan.generate(illust_gan.load_generator(snapshot), 6)
    with Image.open(out) as picture:
        np.testing.assert_array_equal(picture, illust_gan.sheet(faces, columns=3))


def test_default_is_64_faces_in_8_columns(snapshot, tmp_path):
    assert main(["generate", snapshot, "-o", str(tmp_path / "faces.png")]) == 0
    with Image.open(tmp_path / "faces.png") as picture:
        assert picture.size == (512, 512)


def test_separate(snapshot, tmp_path):
    out = tmp_path / "faces"
    assert main(["generate", snapshot, "-o", str(out), "--separate", "--n", "3"]) == 0
    assert sorted(p.name for p in out.iterdir()) == ["0000.png", "0001.png", "0002.png"]
    faces = illust_gan.generate(illust_gan.load_generator(snapshot), 3)
    with Image.open(out / "0002.png") as picture:
        np.testing.assert_array_equal(picture, faces[2])


def test_a_sheet_is_replaced_only_by_force(snapshot, tmp_path, capsys):
    out = tmp_path / "faces.png"
    out.write_bytes(b"mine")
    arguments = ["generate", snapshot, "-o", str(out), "--n", "1"]
    assert main(arguments) == 2
    assert capsys.readouterr() == (
        "",
        f"illust-gan: -o {out} exists already; give another name, or replace it with --force\n",
    )
    assert out.read_bytes() == b"mine"
    assert main([*arguments, "--force"]) == 0
    with Image.open(out) as picture:
        assert picture.size == (64, 64)


def test_separate_faces_are_replaced_only_by_force(snapshot, tmp_path, capsys):
    out = tmp_path / "faces"
    out.mkdir()
    for name in ("0003.png", "0007.png", "mine.txt"):
        (out / name).write_bytes(b"mine")
    arguments = ["generate", snapshot, "-o", str(out), "--separate", "--n"]
    # The folder and others in it are no matter.
    assert main([*arguments, "3"]) == 0
    for name in ("0000.png", "0001.png", "0002.png"):
        (out / name).unlink()
    capsys.readouterr()
    assert main([*arguments, "9"]) == 2
    assert capsys.readouterr() == (
        "",
        f"illust-gan: {out}/0003.png exists already; give another name, or replace it with "
        "--force\n",
    )
    assert sorted(p.name for p in out.iterdir()) == ["0003.png", "0007.png", "mine.txt"]
    assert main([*arguments, "9", "--force"]) == 0
    assert len(list(out.iterdir())) == 10
    assert (out / "mine.txt").read_bytes() == b"mine"
    faces = illust_gan.generate(illust_gan.load_generator(snapshot), 4)
    with Image.open(out / "0003.png") as picture:
        np.testing.assert_array_equal(picture, faces[3])


def test_a_folder_by_the_name_of_a_face_is_not_replaced(snapshot, tmp_path, capsys):
    (tmp_path / "0001.png").mkdir()
    arguments = ["generate", snapshot, "-o", str(tmp_path), "--separate", "--n", "2", "--force"]
    assert main(arguments) == 2
    assert "0001.png is a folder; give the name of a file in it" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["0001.png"]


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("{run}/none.npz -o {tmp}/x.png", "none.npz does not exist; give the path of a snapshot"),
        ("{run}/log -o {tmp}/x.png", "log is no snapshot: it is neither an .npz archive nor HDF5"),
        ("{run} -o {tmp}/x.png", "is a folder; give a file in it, such as generator.npz"),
        (
            "mona-lisa -o {tmp}/x.png",
            "mona-lisa does not exist; give the path of a snapshot, or a model: ",
        ),
        ("{run}/generator.npz -o {tmp}/x.jpg", "-o {tmp}/x.jpg is not a .png"),
        ("{run}/generator.npz -o {run}/log --separate", "log is a file; with --separate give"),
        (
            "{run}/generator.npz -o {tmp}/x.png -d 99",
            "--device 99 is not there; there is: -1",
        ),
        ("{run}/generator.npz -o {tmp}/x.png --n 0", "Invalid value for '--n'"),
    ],
)
def test_bad_input(trained, tmp_path, capsys, arguments, pattern):
    names = {"run": trained, "tmp": tmp_path}
    assert main(["generate", *(a.format(**names) for a in arguments.split())]) == 2
    err = capsys.readouterr().err
    assert pattern.format(**names) in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_says_what_it_takes_an_old_file_for(tmp_path, capsys):
    file = GOLDEN / "maccha-gen-chainer1.5.1.h5"
    arguments = ["generate", str(file), "-o", f"{tmp_path}/x.png", "--n", "1"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        f"{file} is maccha's generator of Chainer 1.5 (assumed, since it is HDF5"
    )
    assert main([*arguments, "--chainer-version", "1.24", "--force"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{file} is maccha's generator of Chainer 1.24 (as given)\n")


@pytest.mark.parametrize(
    ("name", "what", "label"),
    [
        ("tf-sugyan-generator", "sugyan's generator", None),
        ("tf-kim", "Kim's generator", None),
        ("tf-kim-conditional", "Kim's generator with labels", "3"),
    ],
)
def test_what_tensorflow_trained(tmp_path, capsys, name, what, label):
    file, out = GOLDEN / f"{name}.npz", tmp_path / "faces.png"
    labels = [] if label is None else ["--label", label]
    assert main(["generate", str(file), "-o", str(out), "--n", "2", "--columns", "2", *labels]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{file} is {what} of TensorFlow\n2 faces of ")
    assert said.err == ""
    gen = illust_gan.load_tensorflow_generator(file)
    faces = illust_gan.generate(gen if label is None else illust_gan.with_label(gen, label), 2)
    with Image.open(out) as picture:
        np.testing.assert_array_equal(picture, illust_gan.sheet(faces, columns=2))
