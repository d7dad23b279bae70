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


def test_sheet(snapshot, tmp_path, capsys):
    out = tmp_path / "new" / "n.png"
    settings = "--face 17 --seed 1 --rows 2 --columns 3 --strength 0.4 --noise-seed 5"
    assert run(f"neighbours {snapshot} -o {out} {settings}") == 0
    said = capsys.readouterr().out
    assert said.endswith(f"\n2×3 neighbours of face 17, seed 1, in {out}\n")
    gen = illust_gan.load_generator(snapshot)
    options = {"rows": 2, "columns": 3, "strength": 0.4, "noise_seed": 5}
    faces = illust_gan.neighbours(gen, 17, seed=1, **options)
    with Image.open(out) as picture:
        np.testing.assert_array_equal(picture, illust_gan.sheet(faces, columns=3))


def test_what_exists_is_replaced_only_by_force(snapshot, tmp_path, capsys):
    out = tmp_path / "n.png"
    out.write_bytes(b"mine")
    assert run(f"neighbours {snapshot} -o {out} --rows 1") == 2
    assert "exists already; give another name, or replace it with --force" in (
        capsys.readouterr().err
    )
    assert out.read_bytes() == b"mine"
    assert run(f"neighbours {snapshot} -o {out} --rows 1 --force") == 0
    with Image.open(out) as picture:
        assert picture.size == (512, 64)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("-o {tmp}/x.png --strength nan", "--strength is nan; wanted a number from 0 on"),
        ("-o {tmp}/x.png --strength -1", "--strength is -1.0; wanted"),
        ("-o {tmp}/x.png --strength inf", "--strength is inf; wanted"),
        ("-o {tmp}/x.png --face -1", "--face names a face '-1'"),
        ("-o {tmp}/x.png --face 3,4", "--face names a face '3,4'"),
        ("-o {tmp}/x.png --columns 1", "Invalid value for '--columns'"),
        ("-o {tmp}/x.gif", "x.gif is not a .png; give such a name"),
        ("-o {tmp}", "is not a .png"),
    ],
)
def test_bad_input(snapshot, tmp_path, capsys, arguments, pattern):
    assert run("neighbours {snapshot} " + arguments, snapshot=snapshot, tmp=tmp_path) == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_replaced_even_by_force(snapshot, tmp_path, capsys):
    (tmp_path / "x.png").mkdir()
    assert run(f"neighbours {snapshot} -o {tmp_path}/x.png --force") == 2
    assert "x.png is a folder; give the name of a file in it" in capsys.readouterr().err
