"""``--label`` of the commands that draw: each draws this label's faces, or says what is missing."""

import chainer
import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.direction_file import load_directions
from illust_gan.generation.labels import colour_label
from illust_gan.generation.mix import mix_sheet
from illust_gan.generation.z_file import load_z
from illust_gan.nets import kim_conditional
from illust_gan.serializers.load import serialized
from tests.export.generators import LABELS, labelled
from tests.golden_run import GOLDEN

PROJECT = "project {gen} {face} --starts 2 --steps 3"
COMMANDS = {
    "generate": "generate {gen} --n 4 --columns 4",
    "walk": "walk {gen} --faces 3,1 --frames 2",
    "mix": "mix {gen} -a 0,1 -b 2 -c 3",
    "neighbours": "neighbours {gen} --face 3 --rows 1 --columns 3",
    "project": PROJECT,
    "sheet": "directions sheet {gen} {directions} --face 3 --columns 3",
    "apply": "directions apply {gen} {directions} --set sefa-1=2 --faces 3,1",
}
DIRECTIONS = {
    "find": "directions find {gen} --method ganspace --n 2 --samples 50",
    "fit": "directions fit {gen} --name x --label red --samples 50",
}
FLAGS = dict.fromkeys([*COMMANDS, *DIRECTIONS], "--label") | {"fit": "--of-label"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A generator of three labels, one of its faces, and directions of it."""
    folder = tmp_path_factory.mktemp("labels")
    gen = labelled()
    chainer.serializers.save_npz(folder / "generator.npz", gen)
    illust_gan.save_directions(folder / "d.npz", illust_gan.sefa(gen, 2))
    face = illust_gan.generate(illust_gan.with_label(gen, "dogs"), 1)
    illust_gan.sheet(face).save(folder / "face.png")
    return folder


@pytest.fixture(scope="module")
def gen(folder):
    return illust_gan.load_generator(folder / "generator.npz")


def run(command, folder, out, *arguments, gen="generator.npz"):
    names = {"gen": folder / gen, "directions": folder / "d.npz", "face": folder / "face.png"}
    return main([*command.format(**names).split(), "-o", str(out), *arguments])


def draw(command, gen, folder):
    """What a command's picture shows, by Python."""
    directions = load_directions(folder / "d.npz")
    z = illust_gan.pick_z([3, 1], gen.n_hidden)
    if command == "generate":
        return illust_gan.sheet(illust_gan.generate(gen, 4), columns=4)
    if command == "walk":
        return illust_gan.sheet(illust_gan.walk(gen, [3, 1], frames=2), columns=2)
    if command == "mix":
        return mix_sheet(illust_gan.mix(gen, [0, 1], [2], [3]))
    if command == "neighbours":
        return illust_gan.sheet(illust_gan.neighbours(gen, 3, rows=1, columns=3), columns=3)
    if command == "project":
        found = illust_gan.project(gen, read(folder / "face.png"), starts=2, steps=3)
        return illust_gan.sheet(np.stack([found.picture, found.face]), columns=2)
    if command == "sheet":
        return illust_gan.direction_sheet(gen, directions, z[0], columns=3)
    moved = illust_gan.apply_direction(z, directions["sefa-1"], 2)
    return illust_gan.sheet(illust_gan.draw(gen, np.concatenate([z, moved])), columns=2)


def read(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.uint8)


@pytest.mark.parametrize("command", COMMANDS)
def test_pictures_are_of_the_label(command, folder, gen, tmp_path):
    pictures = []
    for label in ("cats", "dogs"):
        out = tmp_path / f"{label}.png"
        assert run(COMMANDS[command], folder, out, "--label", label) == 0
        pictures.append(read(out))
        wanted = draw(command, illust_gan.with_label(gen, label), folder)
        np.testing.assert_array_equal(pictures[-1], wanted)
    # The part that is drawn, on the right beside a picture that was given.
    differences = np.abs(pictures[0].astype(int) - pictures[1])[:, -28:]
    assert differences.mean() > 20


@pytest.mark.parametrize(
    ("command", "left", "top"),
    [("walk", 0, 0), ("neighbours", 0, 0), ("sheet", 28, 0), ("apply", 0, 0)],
)
def test_faces_have_the_numbers_that_they_have_on_generate_s_sheet(
    command, left, top, folder, tmp_path
):
    for name in ("generate", command):
        assert run(COMMANDS[name], folder, tmp_path / f"{name}.png", "--label", "birds") == 0
    face = read(tmp_path / "generate.png")[:, 3 * 28 :]
    np.testing.assert_array_equal(
        read(tmp_path / f"{command}.png")[top : top + 28, left : left + 28], face
    )


@pytest.mark.parametrize("command", DIRECTIONS)
def test_directions_are_of_the_label(command, folder, gen, tmp_path):
    files = {}
    for label in ("cats", "dogs"):
        out = tmp_path / f"{label}.npz"
        assert run(DIRECTIONS[command], folder, out, FLAGS[command], label) == 0
        one = illust_gan.with_label(gen, label)
        if command == "find":
            wanted = illust_gan.ganspace(one, 2, samples=50)
        else:
            wanted = illust_gan.fit_label(one, colour_label("red"), name="x", samples=50)
        files[label] = load_directions(out).vectors
        np.testing.assert_array_equal(files[label], wanted.vectors)
    assert np.abs(files["cats"] - files["dogs"]).max() > 0.01


def test_sefa_s_directions_are_the_same_for_all_labels(folder, tmp_path):
    for label in LABELS:
        find = "directions find {gen} --n 2"
        assert run(find, folder, tmp_path / f"{label}.npz", "--label", label) == 0
        assert (tmp_path / f"{label}.npz").read_bytes() == (folder / "d.npz").read_bytes()


def test_project_gives_the_discriminator_the_label(folder, gen, tmp_path, capsys):
    dis = kim_conditional.Discriminator(
        channels=3, y_dim=3, df_dim=8, dfc_dim=32, std=0.3, rng=np.random.RandomState(0)
    )
    arrays = {}
    for name, net in (("gen", gen), ("dis", dis)):
        arrays |= {f"updater/model:{name}/{k}": v for k, v in serialized(net).items()}
    np.savez(tmp_path / "run.npz", **arrays)
    face = read(folder / "face.png")
    found = {}
    for label in ("cats", "dogs"):
        options = ("--feature-weight", "10", "--z", f"{tmp_path}/{label}.npy", "--label", label)
        out = tmp_path / f"{label}.png"
        assert run(PROJECT, folder, out, *options, gen=tmp_path / "run.npz") == 0
        assert "features are compared by kim-conditional's disc" in capsys.readouterr().out
        one, judge = (illust_gan.with_label(net, LABELS.index(label)) for net in (gen, dis))
        wanted = illust_gan.project(one, face, judge, starts=2, steps=3, feature_weight=10)
        found[label] = load_z(tmp_path / f"{label}.npy", gen.n_hidden)
        np.testing.assert_array_equal(found[label], wanted.z)
    assert np.abs(found["cats"] - found["dogs"]).max() > 0.01

    out, other = tmp_path / "x.png", GOLDEN / "rezoolab-dis-chainer1.5.1.h5"
    assert run(PROJECT, folder, out, "--label", "dogs", "--dis", str(other)) == 2
    assert "the discriminator is rezoolab's of 3×64×64 and the generator kim-conditional's" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("command", [*COMMANDS, *DIRECTIONS])
def test_without_a_label_or_with_another(command, folder, tmp_path, capsys):
    flag, words = FLAGS[command], (COMMANDS | DIRECTIONS)[command]
    out = tmp_path / "new" / ("x.npz" if command in DIRECTIONS else "x.png")

    def complaint(*arguments, gen="generator.npz"):
        assert run(words, folder, out, *arguments, gen=gen) == 2
        assert not out.parent.exists()
        return capsys.readouterr().err

    # Generate draws all of them.
    if command != "generate":
        assert complaint() == (
            f"illust-gan: the generator has labels; give {flag} with one of cats, dogs, birds\n"
        )
    assert complaint(flag, "cows") == (
        f"illust-gan: {flag} is cows, which the net does not know; wanted cats, dogs, birds\n"
    )
    assert complaint(flag, "dogs", gen=GOLDEN / "rezoolab-gen-chainer1.24.0.npz") == (
        f"illust-gan: {flag} is dogs, but Rezoolab's DCGAN knows no labels; leave it away\n"
    )


@pytest.mark.parametrize(
    ("options", "labels", "n", "columns", "said"),
    [
        ([], LABELS, 8, 8, "8 faces of each label (cats, dogs, birds)"),
        (["--n", "3"], LABELS, 3, 3, "3 faces of each label (cats, dogs, birds)"),
        (["--n", "3", "--columns", "2"], LABELS, 3, 2, "3 faces of each label"),
        (
            ["--label", "birds", "--label", "dogs"],
            ["birds", "dogs"],
            8,
            8,
            "each label (birds, dogs)",
        ),
        (["--label", "dogs"], ["dogs"], 64, 8, "64 faces of the label dogs of 28×28"),
    ],
)
def test_each_label_begins_a_row(folder, tmp_path, capsys, options, labels, n, columns, said):
    out = tmp_path / "x.png"
    assert main(["generate", f"{folder}/generator.npz", "-o", str(out), *options]) == 0
    assert said in capsys.readouterr().out
    gen = illust_gan.load_generator(folder / "generator.npz")
    height = 28 * -(-n // columns)
    with Image.open(out) as picture:
        drawn = np.asarray(picture)
    assert drawn.shape == (height * len(labels), 28 * columns, 3)
    for i, label in enumerate(labels):
        faces = illust_gan.generate(illust_gan.with_label(gen, label), n)
        expected = np.asarray(illust_gan.sheet(faces, columns=columns))
        np.testing.assert_array_equal(drawn[i * height : (i + 1) * height], expected)


def test_separate_faces_of_several_labels(folder, tmp_path):
    arguments = ["generate", f"{folder}/generator.npz", "-o", str(tmp_path), "--separate"]
    (tmp_path / "0005.png").write_bytes(b"mine")
    assert main([*arguments, "--n", "2"]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["0005.png"]
    assert main([*arguments, "--n", "2", "--force"]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"000{i}.png" for i in range(6)]
    gen = illust_gan.with_label(illust_gan.load_generator(folder / "generator.npz"), "birds")
    with Image.open(tmp_path / "0005.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), illust_gan.generate(gen, 2)[1])
