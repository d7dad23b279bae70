import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.projection import project
from illust_gan.generation.z_file import load_z
from tests.golden_run import GOLDEN

SHORT = "--starts 2 --steps 3"


@pytest.fixture(scope="module")
def snapshot(trained):
    return str(trained / "generator.npz")


@pytest.fixture
def wide(tmp_path):
    pixels = np.random.RandomState(0).randint(0, 256, (50, 100, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def test_before_and_after(snapshot, wide, tmp_path, capsys):
    out, z = tmp_path / "new" / "p.png", tmp_path / "z" / "z.npy"
    assert run(f"project {snapshot} {wide} -o {out} --z {z} {SHORT} --seed 3") == 0
    said = capsys.readouterr().out
    assert "no discriminator in it: pixels alone are compared (see --dis)\n" in said
    assert f"{wide} has 100×50 pixels and was cropped and resized to 64×64\n" in said
    assert said.endswith(f" of 255 levels apart, in {out}; z in {z}\n")
    target = illust_gan.datasets.read_picture(wide, 64)
    gen = illust_gan.load_generator(snapshot)
    found = project(gen, target, starts=2, steps=3, seed=3)
    np.testing.assert_array_equal(load_z(z), found.z)
    with Image.open(out) as picture:
        np.testing.assert_array_equal(picture, np.concatenate([target, found.face], axis=1))


def test_a_runs_snapshot_has_its_discriminator(trained, wide, tmp_path, capsys):
    run_file = trained / "snapshot_iter_3"
    assert run(f"project {run_file} {wide} -o {tmp_path}/p.png --z {tmp_path}/z.npy {SHORT}") == 0
    assert "features are compared by rezoolab's discriminator" in capsys.readouterr().out
    gen, dis = illust_gan.load_generator(run_file), illust_gan.load_discriminator(run_file)
    target = illust_gan.datasets.read_picture(wide, 64)
    np.testing.assert_array_equal(
        load_z(tmp_path / "z.npy"), project(gen, target, dis, starts=2, steps=3).z
    )
    options = f"{SHORT} --feature-weight 0 --force"
    assert run(f"project {run_file} {wide} -o {tmp_path}/p.png {options}") == 0
    assert "features" not in capsys.readouterr().out


def test_nets_of_tensorflow(wide, tmp_path, capsys):
    file = GOLDEN / "tf-kim.npz"
    assert run(f"project {file} {wide} -o {tmp_path}/p.png {SHORT}") == 0
    said = capsys.readouterr().out
    assert "features are compared by Kim's discriminator of TensorFlow\n" in said


def test_what_exists_is_replaced_only_by_force(snapshot, wide, tmp_path, capsys):
    for name in ("p.png", "z.npy"):
        (tmp_path / name).write_bytes(b"mine")
    assert run(f"project {snapshot} {wide} -o {tmp_path}/p.png {SHORT}") == 2
    assert f"-o {tmp_path}/p.png exists already" in capsys.readouterr().err
    assert run(f"project {snapshot} {wide} -o {tmp_path}/q.png --z {tmp_path}/z.npy {SHORT}") == 2
    assert "z.npy exists already; give another name" in capsys.readouterr().err
    assert not (tmp_path / "q.png").exists()
    options = f"-o {tmp_path}/p.png --z {tmp_path}/z.npy {SHORT} --force"
    assert run(f"project {snapshot} {wide} {options}") == 0
    assert load_z(tmp_path / "z.npy").shape == (100,)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("{gen} {run}/log -o {tmp}/x.png", "log: it is no PNG, JPEG, WEBP, GIF, BMP or TIFF"),
        ("{gen} {tmp}/none.png -o {tmp}/x.png", "none.png: No such file or directory; give a"),
        ("{gen} {run} -o {tmp}/x.png", "it is a folder; give a picture"),
        ("{gen} {loss} -o {tmp}/x.png --rate nan", "the rate is nan; wanted a finite number"),
        ("{gen} {loss} -o {tmp}/x.png --feature-weight -1", "features is -1.0; wanted a finite"),
        ("{gen} {loss} -o {tmp}/x.png --starts 0", "Invalid value for '--starts'"),
        ("{gen} {loss} -o {tmp}/x.png --dis {gen}", "judging wants a discriminator"),
        ("{gen} {loss} -o {tmp}/x.jpg", "x.jpg is not a .png"),
        ("{gen} {loss} -o {tmp}/x.png --z {tmp}/z.npz", "--z {tmp}/z.npz is not a .npy"),
        ("{loss} {loss} -o {tmp}/x.png", "loss.png is no snapshot"),
    ],
)
def test_bad_input(trained, snapshot, tmp_path, capsys, arguments, pattern):
    loss = trained / "loss.png"
    names = {"gen": snapshot, "run": trained, "tmp": tmp_path, "loss": loss}
    assert run("project " + arguments, **names) == 2
    err = capsys.readouterr().err
    assert pattern.format(**names) in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
