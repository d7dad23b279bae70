import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.mix import mix_sheet

GROUPS = "-a 3,17,42 -b 1,5,9 -c 2,6,30"


@pytest.fixture
def snapshot(trained):
    return str(trained / "generator.npz")


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def test_sheet(snapshot, tmp_path, capsys):
    out = tmp_path / "new" / "mix.png"
    arguments = f"{GROUPS} --seed 1 --strength 0.4 --noise-seed 5"
    assert run(f"mix {snapshot} -o {out} {arguments}") == 0
    said = capsys.readouterr().out
    assert said.endswith(f"\nA - B + C in the middle of its neighbours, seed 1, in {out}\n")
    gen = illust_gan.load_generator(snapshot)
    groups = [[3, 17, 42], [1, 5, 9], [2, 6, 30]]
    faces = illust_gan.mix(gen, *groups, seed=1, strength=0.4, noise_seed=5)
    with Image.open(out) as picture:
        np.testing.assert_array_equal(picture, mix_sheet(faces))


def test_what_exists_is_replaced_only_by_force(snapshot, tmp_path, capsys):
    out = tmp_path / "mix.png"
    out.write_bytes(b"mine")
    assert run(f"mix {snapshot} -o {out} {GROUPS}") == 2
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    assert run(f"mix {snapshot} -o {out} {GROUPS} --force") == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("-o {tmp}/x.png -a 1 -b 2", "Missing option '-c'"),
        ("-o {tmp}/x.png -a 1 -b 2,x -c 3", "-b names a face 'x'; wanted whole numbers"),
        (f"-o {{tmp}}/x.png {GROUPS} --strength nan", "--strength is nan; wanted a number"),
        (f"-o {{tmp}}/x.png {GROUPS} --strength -0.5", "--strength is -0.5; wanted a number"),
        (f"-o {{tmp}}/x.jpg {GROUPS}", "x.jpg is not a .png"),
    ],
)
def test_bad_input(snapshot, tmp_path, capsys, arguments, pattern):
    assert run("mix {snapshot} " + arguments, snapshot=snapshot, tmp=tmp_path) == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
