import dataclasses

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.conditional import apart_from
from illust_gan.generation.direction_file import load_directions, save_directions
from illust_gan.generation.directions import direction_sheet
from illust_gan.generation.labels import colour_label
from illust_gan.generation.pick import pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.supervised import fit_label, fit_lists
from illust_gan.generation.unsupervised import ganspace, sefa
from illust_gan.generation.z_file import save_z
from tests.golden_run import GOLDEN


@pytest.fixture(scope="module")
def snapshot(trained):
    return str(trained / "generator.npz")


@pytest.fixture(scope="module")
def gen(snapshot):
    return illust_gan.load_generator(snapshot)


@pytest.fixture(scope="module")
def found(snapshot, tmp_path_factory):
    """A file of two directions."""
    path = tmp_path_factory.mktemp("directions") / "d.npz"
    assert main(["directions", "find", snapshot, "-o", str(path), "--n", "2"]) == 0
    return path


def take(directions, numbers):
    """Some of several directions."""
    return dataclasses.replace(
        directions,
        names=tuple(directions.names[i] for i in numbers),
        vectors=directions.vectors[numbers],
        spreads=directions.spreads[numbers],
    )


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


def test_find_by_sefa(snapshot, gen, tmp_path, capsys):
    out = tmp_path / "new" / "d.npz"
    assert run(f"directions find {snapshot} -o {out} --n 3") == 0
    said = capsys.readouterr().out
    assert f"3 directions by SeFa of the first layer, in {out}:\n  sefa-1  spread " in said
    np.testing.assert_array_equal(load_directions(out).vectors, sefa(gen, 3).vectors)


def test_find_by_ganspace(snapshot, gen, tmp_path):
    options = "--method ganspace --n 2 --samples 120 --seed 4"
    assert run(f"directions find {snapshot} -o {tmp_path}/d.npz {options}") == 0
    wanted = ganspace(gen, 2, samples=120, seed=4)
    np.testing.assert_array_equal(load_directions(tmp_path / "d.npz").vectors, wanted.vectors)


def test_same_seed_same_file(snapshot, tmp_path):
    for name in ("a.npz", "b.npz"):
        assert run(f"directions find {snapshot} -o {tmp_path}/{name} --n 2") == 0
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_fit_to_a_label(snapshot, gen, tmp_path, capsys):
    out = str(tmp_path / "d.npz")
    options = ["--label", "red", "--region", "0.2,0,0.8,0.5", "--samples", "40", "--seed", "3"]
    named = ["directions", "fit", snapshot, "-o", out, "--name", "red hair"]
    assert main([*named, *options]) == 0
    assert "1 direction by logistic regression on a label, 40 faces, seed 3" in (
        capsys.readouterr().out
    )
    label = colour_label("red", (0.2, 0, 0.8, 0.5))
    wanted = fit_label(gen, label, name="red hair", samples=40, seed=3)
    np.testing.assert_array_equal(load_directions(out)["red hair"], wanted.vectors[0])


def test_fit_apart_from_others(snapshot, gen, found, tmp_path, capsys):
    out = tmp_path / "d.npz"
    label = "--name redness --label red --samples 40"
    sefa_3 = tmp_path / "3.npz"
    save_directions(sefa_3, take(sefa(gen, 3), [2]))
    command = f"directions fit {snapshot} -o {out} {label} --apart-from {found}"
    assert run(f"{command} --apart-from {sefa_3}") == 0
    assert "seed 0, apart from sefa-1, sefa-2, sefa-3, in" in capsys.readouterr().out
    wanted = apart_from(gen, fit_label(gen, colour_label("red"), name="", samples=40), sefa(gen, 3))
    np.testing.assert_allclose(load_directions(out).vectors, wanted.vectors, atol=1e-6)

    # Directions of another generator.
    assert run(f"{command} --apart-from rezoolab-avatars --force") == 2
    said = capsys.readouterr().err
    assert "rezoolab-avatars was made for a generator of rezoolab with the weights" in said
    assert f"and {snapshot} is one of rezoolab with other weights" in said


def test_a_model_s_own_directions_have_its_name(tmp_path):
    out = tmp_path / "d.png"
    assert run(f"directions sheet rezoolab-avatars rezoolab-avatars -o {out} --columns 3") == 0
    with Image.open(out) as picture:
        assert picture.size == (3 * 64, 7 * 64)


def test_fit_to_lists_and_join(snapshot, gen, found, tmp_path):
    lists = "--name smile --with 3,17 --without 4,1,5 --seed 2"
    assert run(f"directions fit {snapshot} -o {tmp_path}/s.npz {lists}") == 0
    assert run(f"directions join {tmp_path}/s.npz {found} -o {tmp_path}/all.npz") == 0
    both = load_directions(tmp_path / "all.npz")
    assert both.names == ("smile", "sefa-1", "sefa-2")
    wanted = fit_lists(gen, [3, 17], [4, 1, 5], name="smile", seed=2)
    np.testing.assert_array_equal(both["smile"], wanted.vectors[0])


def test_sheet(snapshot, gen, found, tmp_path, capsys):
    options = "--face 5 --seed 2 --strength 2 --columns 3"
    assert run(f"directions sheet {snapshot} {found} -o {tmp_path}/s.png {options}") == 0
    said = capsys.readouterr().out
    assert f"rows, each from strength -2 to 2, in {tmp_path}/s.png:\n  sefa-1 " in said
    z = pick_z([5], seed=2)[0]
    wanted = direction_sheet(gen, load_directions(found), z, strength=2, columns=3)
    with Image.open(tmp_path / "s.png") as picture:
        np.testing.assert_array_equal(picture, wanted)
    save_z(tmp_path / "z.npy", z)
    command = f"directions sheet {snapshot} {found} -o {tmp_path}/z.png --strength 2 --columns 3"
    assert run(f"{command} --z {tmp_path}/z.npy") == 0
    assert (tmp_path / "z.png").read_bytes() == (tmp_path / "s.png").read_bytes()


def test_apply(snapshot, gen, found, tmp_path, capsys):
    options = "--faces 3,7 --seed 1 --set sefa-1=2 --set sefa-2=-1.5"
    assert run(f"directions apply {snapshot} {found} -o {tmp_path}/a.png {options}") == 0
    said = capsys.readouterr().out
    assert said.endswith(f"before and after sefa-1 +2, sefa-2 -1.5, in {tmp_path}/a.png\n")
    vectors = load_directions(found).vectors
    z = pick_z([3, 7], seed=1)
    wanted = draw(gen, np.concatenate([z, z + 2 * vectors[0] - 1.5 * vectors[1]]))
    with Image.open(tmp_path / "a.png") as picture:
        difference = np.asarray(picture).astype(int) - np.asarray(
            illust_gan.sheet(wanted, columns=2)
        )
    assert np.abs(difference).max() <= 1


def test_what_exists_is_replaced_only_by_force(snapshot, found, tmp_path, capsys):
    (tmp_path / "d.npz").write_bytes(b"mine")
    for command in (
        f"find {snapshot}",
        f"fit {snapshot} --name x --with 1 --without 2",
        f"join {found}",
        f"find {snapshot} --method ganspace",
    ):
        assert run(f"directions {command} -o {tmp_path}/d.npz") == 2
        assert "d.npz exists already; give another name, or" in capsys.readouterr().err
    assert (tmp_path / "d.npz").read_bytes() == b"mine"
    assert run(f"directions join {found} -o {tmp_path}/d.npz --force") == 0
    assert (tmp_path / "d.npz").read_bytes() == found.read_bytes()


def test_pictures_are_replaced_only_by_force(snapshot, found, tmp_path, capsys):
    (tmp_path / "x.png").write_bytes(b"mine")
    for command in ("sheet {s} {f}", "apply {s} {f} --set sefa-1=1 --faces 0"):
        write = f"directions {command} -o {tmp_path}/x.png"
        assert run(write, s=snapshot, f=found) == 2
        assert "x.png exists already; give another name, or" in capsys.readouterr().err
        assert (tmp_path / "x.png").read_bytes() == b"mine"
    assert run(f"{write} --force", s=snapshot, f=found) == 0
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (64, 128)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("find {gen} -o {tmp}/d.png", "d.png is not a .npz; give such a name"),
        ("find {gen} -o {tmp}/d.npz --n 101", "101 directions are wanted where z has 100 numbers"),
        (
            "find {gen} -o {tmp}/d.npz --method ganspace --samples 50",
            "given 50 samples; wanted more than z has numbers, 100",
        ),
        ("fit {gen} -o {tmp}/d.npz --name x", "give either --label, or both --with and --without"),
        ("fit {gen} -o {tmp}/d.npz --name x --with 1", "give either --label, or both"),
        ("fit {gen} -o {tmp}/d.npz --name x --with 1 --without 2 --label red", "give either"),
        ("fit {gen} -o {tmp}/d.npz --name x --with 1 --without 2,1", "face 1 is in both --with"),
        ("fit {gen} -o {tmp}/d.npz --name x --with 1,x --without 2", "--with names a face 'x'"),
        ("fit {gen} -o {tmp}/d.npz --name a=b --label red", "cannot have the name 'a=b'"),
        ("fit {gen} -o {tmp}/d.npz --name x --label red --region nose", "--region is nose; wanted"),
        ("join {d} {d} -o {tmp}/d.npz", "two directions have the name sefa-1"),
        ("sheet {gen} {tmp}/none.npz -o {tmp}/x.png", "none.npz does not exist"),
        ("sheet {gen} {gen} -o {tmp}/x.png", "generator.npz holds no directions"),
        (
            "sheet {maccha} {d} -o {tmp}/x.png",
            "was made for a generator of rezoolab with z of 100, and {maccha} is one of maccha",
        ),
        ("sheet {old} {d} -o {tmp}/x.png", "with the weights"),
        ("sheet {gen} {d} -o {tmp}/x.png --strength nan", "--strength is nan; wanted a finite"),
        ("sheet {gen} {d} -o {tmp}/x.png --strength inf", "--strength is inf; wanted a finite"),
        ("sheet {gen} {d} -o {tmp}/x.png --columns 1", "Invalid value for '--columns'"),
        ("sheet {gen} {d} -o {tmp}/x.png --z {gen}", "generator.npz is no file of a z"),
        (
            "apply {maccha} {d} -o {tmp}/x.png --set sefa-1=1",
            "was made for a generator of rezoolab with z of 100, and {maccha} is one of maccha",
        ),
        ("apply {old} {d} -o {tmp}/x.png --set sefa-1=1", "{old} is one of rezoolab with other"),
        ("apply {gen} {d} -o {tmp}/x.png --set sefa-1=nan", "--set sefa-1 is nan; wanted a finite"),
        ("apply {gen} {d} -o {tmp}/x.png --set sefa-1", "--set sefa-1 is no NAME=STRENGTH"),
        ("apply {gen} {d} -o {tmp}/x.png --set sefa-1=much", "is no NAME=STRENGTH"),
        ("apply {gen} {d} -o {tmp}/x.png --set sefa-9=1", "no direction sefa-9; there are sefa-1"),
        ("apply {gen} {d} -o {tmp}/x.png", "Missing option '--set'"),
        ("apply {gen} {d} -o {tmp}/x.gif --set sefa-1=1", "x.gif is not a .png"),
    ],
)
def test_bad_input(snapshot, found, tmp_path, capsys, arguments, pattern):
    names = {
        "gen": snapshot,
        "d": found,
        "tmp": tmp_path,
        "maccha": GOLDEN / "maccha-gen-chainer1.5.1.h5",
        "old": GOLDEN / "rezoolab-gen-chainer1.24.0.npz",
    }
    assert run("directions " + arguments, **names) == 2
    err = capsys.readouterr().err
    assert pattern.format(**names) in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
