"""`illust-gan inspect` and `illust-gan convert`."""

import subprocess
import sys

import numpy as np
import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.nets import rezoolab
from illust_gan.serializers.load import serialized
from illust_gan.serializers.writer import save_npz, write_npz
from tests.golden_run import GOLDEN
from tests.serializers.variables import golden, save, write_saver


def inspect(capsys, *arguments):
    """Return what is printed, as a list of (label, text)."""
    assert main(["inspect", *map(str, arguments)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == str(arguments[0])
    return [tuple(part.strip() for part in line.strip().split("  ", 1)) for line in lines]


def test_generator_of_2015(capsys):
    said = dict(inspect(capsys, GOLDEN / "maccha-gen-chainer1.5.1.h5"))
    assert said["kind"] == "HDF5, maccha's generator"
    assert said["generator"] == ("maccha's generator, z of 100 → 3×96×96, 4,656,451 parameters")
    assert said["written by"].startswith(
        "Chainer 1.5 (eps 1e-05, avg_var holds eps): assumed, since it is HDF5"
    )
    assert said["weights"] == "finite"
    assert said["averages"] == "trained, but for bn0"


def test_run_of_chainer_1_24(capsys):
    said = inspect(capsys, GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0")
    assert ("iteration", "20") in said
    assert ("optimiser", "updater/optimizer:gen, after 20 updates") in said
    assert dict(said)["generator"].endswith("under updater/model:gen/")
    assert dict(said)["kind"].startswith(".npz archive, snapshot of a whole Trainer")


def test_our_own(trained, capsys):
    said = dict(inspect(capsys, trained / "generator.npz"))
    assert said["written by"].startswith("illust-gan (eps 1e-05, eps is added in test mode)")


def test_version_as_given(capsys):
    said = dict(inspect(capsys, GOLDEN / "maccha-gen-chainer1.5.1.h5", "--chainer-version", "7"))
    assert said["written by"] == "Chainer 7 (eps 2e-05, eps is added in test mode): as given"


def test_foreign_arrays(tmp_path, capsys):
    write_npz(tmp_path / "x.npz", {f"var:{i:02d}": np.zeros((i, 2), "f") for i in range(54)})
    said = dict(inspect(capsys, tmp_path / "x.npz"))
    assert said["kind"] == ".npz archive, arrays, but no net of Chainer"
    assert said["arrays"].startswith("var:00 float32 (0, 2), var:01 float32 (1, 2), ")
    assert said["arrays"].endswith("and 42 more")


def test_nets_of_tensorflow(capsys):
    said = inspect(capsys, GOLDEN / "tf-kim.npz")
    assert said[0] == (
        "kind",
        ".npz archive, Kim's generator and Kim's discriminator, of TensorFlow",
    )
    assert said[1] == ("size", "1.0 MB, 54 arrays of 1.1 MB")
    assert ("generator", "Kim's generator, z of 20 → 3×64×64, 89,603 parameters") in said
    assert ("discriminator", "Kim's discriminator, 3×64×64, 69,169 parameters") in said
    by = "TensorFlow (eps 1e-05, eps is added in test mode): by the names of its variables"
    assert said.count(("written by", by)) == 2
    assert said.count(("weights", "finite")) == said.count(("averages", "trained")) == 2


def test_nets_of_tensorflow_with_labels(capsys):
    said = dict(inspect(capsys, GOLDEN / "tf-kim-conditional.npz"))
    assert ", z of 20 → 1×28×28, 10 labels, " in said["generator"]
    assert "labels, 1×28×28, 10 labels, " in said["discriminator"]


def test_health_of_a_net_of_tensorflow(tmp_path, capsys):
    variables = golden("tf-kim")
    for name in variables:
        if name.endswith("moving_mean"):
            variables[name][...] = 0
        elif name.endswith("moving_variance"):
            variables[name][...] = 1
    variables["g_h2/w"][...] = np.nan
    said = inspect(capsys, save(tmp_path, variables))
    assert ("weights", "NaN or infinite in g_h2/W: this training had failed") in said
    assert dict(said)["averages"].startswith("never updated: its program draws by")
    del variables["d_bn2/beta"], variables["g_h4/biases"]
    said = dict(inspect(capsys, save(tmp_path, variables)))
    assert "Kim's generator, broken: " in said["generator"]
    assert "lacks g_h4/biases" in said["generator"]
    assert "lacks d_bn2/beta" in said["discriminator"]


def test_checkpoint(tf, tmp_path, capsys):
    path = write_saver(tf, tmp_path / "DCGAN.model", golden("tf-kim"))
    for name in (path, tmp_path, f"{path}.index"):
        said = inspect(capsys, name)
        assert said[0][1] == "checkpoint, Kim's generator and Kim's discriminator, of TensorFlow"
        assert said[1] == ("size", "0.6 MB, 49 arrays of 0.6 MB")
        assert ("generator", "Kim's generator, z of 20 → 3×64×64, 89,603 parameters") in said
    out = tmp_path / "gen.npz"
    assert main(["convert", path, str(out)]) == 0
    assert capsys.readouterr() == (f"Kim's generator of {path} in {out}\n", "")
    faces, there = (
        illust_gan.generate(illust_gan.load_generator(file), 2)
        for file in (out, GOLDEN / "tf-kim.npz")
    )
    np.testing.assert_array_equal(faces, there)


def test_tensorflow_reads_without_a_word(tf, tmp_path):
    path = write_saver(tf, tmp_path / "DCGAN.model", golden("tf-kim"))
    command = [sys.executable, "-m", "illust_gan", "inspect", path]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.startswith(f"{path}\n  kind  ")
    assert said.stderr == ""


def test_layers_of_another_net(tmp_path, capsys):
    write_npz(tmp_path / "mlp.npz", {"l1/W": np.zeros((2, 3)), "l1/b": np.zeros(2)})
    said = dict(inspect(capsys, tmp_path / "mlp.npz"))
    assert said["kind"] == ".npz archive, layers of Chainer, but of no net known here"


def test_health(tmp_path, capsys):
    gen = rezoolab.Generator(rng=np.random.RandomState(0))
    save_npz(tmp_path / "new.npz", gen)
    assert dict(inspect(capsys, tmp_path / "new.npz"))["averages"].startswith("never trained")
    gen.norm4.avg_var[3] = np.nan
    gen.conv2.W.array[0] = np.inf
    save_npz(tmp_path / "bad.npz", gen)
    said = dict(inspect(capsys, tmp_path / "bad.npz"))
    assert said["averages"] == "NaN or infinite in avg_var of norm4: faces will be broken"
    assert said["weights"] == "NaN or infinite in conv2/W: this training had failed"


def test_broken_net_is_said_to_be(tmp_path, capsys):
    arrays = serialized(rezoolab.Generator(rng=np.random.RandomState(0)))
    del arrays["conv2/b"]
    write_npz(tmp_path / "x.npz", arrays)
    said = dict(inspect(capsys, tmp_path / "x.npz"))
    assert "broken: " in said["generator"]
    assert "lacks conv2/b" in said["generator"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no snapshot: it is neither"),
        (b"PK12", "no whole .npz"),
        (b"\x89HDF\r\n\x1a\n", "damaged"),
    ],
)
def test_what_cannot_be_read(tmp_path, capsys, content, message):
    (tmp_path / "x").write_bytes(content)
    assert main(["inspect", str(tmp_path / "x")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("name", ["updater/iteration", "t", "updater/optimizer:gen/t"])
@pytest.mark.parametrize("value", [None, "many", [1, 2], np.inf, 1j], ids=repr)
def test_numbers_that_are_none(tmp_path, capsys, name, value):
    write_npz(tmp_path / "x.npz", {name: np.asarray(value)})
    assert main(["inspect", str(tmp_path / "x.npz")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "x.npz does not fit" in said.err
    assert said.err.count("\n") == 1


def test_names_in_a_file_cannot_write_to_the_terminal(tmp_path, capsys):
    gen = serialized(rezoolab.Generator(rng=np.random.RandomState(0)))
    arrays = {f"\x1b[2J/{name}": array for name, array in gen.items()}
    write_npz(tmp_path / "x.npz", {**arrays, "updater/optimizer:\x1b[2J/t": np.asarray(3)})
    assert main(["inspect", str(tmp_path / "x.npz")]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "under \\x1b[2J/" in said
    assert "updater/optimizer:\\x1b[2J, after 3 updates" in said


def test_convert(tmp_path, capsys):
    file = GOLDEN / "maccha-gen-chainer1.5.1.h5"
    assert main(["convert", str(file), str(tmp_path / "gen.npz")]) == 0
    assert capsys.readouterr().out == f"maccha's generator of {file} in {tmp_path}/gen.npz\n"
    assert main(["generate", str(tmp_path / "gen.npz"), "-o", f"{tmp_path}/a.png", "--n", "2"]) == 0
    assert main(["generate", str(file), "-o", f"{tmp_path}/b.png", "--n", "2"]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_convert_what_tensorflow_trained(tmp_path, capsys):
    file, out = GOLDEN / "tf-kim.npz", tmp_path / "dis.h5"
    assert main(["convert", str(file), str(out), "--role", "dis", "--size", "50"]) == 0
    assert capsys.readouterr() == (f"Kim's discriminator of {file} in {out}\n", "")
    said = dict(inspect(capsys, out))
    assert said["discriminator"] == "kim's discriminator, 3×50×50, 69,169 parameters"
    assert said["written by"].startswith("illust-gan (eps 1e-05")


@pytest.mark.parametrize("command", ["convert {x} {o}.npz", "generate {x} -o {o}.png --n 1"])
def test_averages_that_were_never_updated_are_one_line(tmp_path, capsys, command):
    variables = golden("tf-sugyan-generator")
    for name in variables:
        if name.endswith("moving_mean"):
            variables[name][...] = 0
        elif name.endswith("moving_variance"):
            variables[name][...] = 1
    file = save(tmp_path, variables)
    assert main(command.format(x=file, o=tmp_path / "out").split()) == 0
    assert capsys.readouterr().err == (
        f"illust-gan: the moving averages in {file} were never updated, as its program draws by "
        "the statistics of a minibatch; those of 256 z were taken in their place\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{g}/maccha-gen-chainer1.5.1.h5 {o} --size 50", "size 50 is given, which is for Kim's"),
        ("{g}/tf-kim.npz {o} --size 48", "size is 48, but the variables of Kim's generator in"),
        ("{g}/tf-kim.npz {o} --chainer-version 1.5", "chainer_version 1.5 is given, but"),
        ("{g}/tf-sugyan-generator.npz {o} --size 90", "are for 96; leave it away for 96"),
    ],
)
def test_convert_with_options_of_other_files(tmp_path, capsys, options, message):
    arguments = options.format(g=GOLDEN, o=tmp_path / "x.npz").split()
    assert main(["convert", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_convert_replaces_only_by_force(tmp_path, capsys):
    file = str(GOLDEN / "maccha-gen-chainer1.5.1.h5")
    out = tmp_path / "gen.npz"
    out.write_bytes(b"mine")
    assert main(["convert", file, str(out)]) == 2
    assert capsys.readouterr() == (
        "",
        f"illust-gan: {out} exists already; give another name, or replace it with --force\n",
    )
    assert out.read_bytes() == b"mine"
    assert main(["convert", file, str(out), "--force"]) == 0
    # A file may also take its own place.
    assert main(["convert", str(out), str(out), "--force"]) == 0
    np.testing.assert_array_equal(
        illust_gan.load_generator(out).l0z.W.array, illust_gan.load_generator(file).l0z.W.array
    )
    (tmp_path / "folder.npz").mkdir()
    assert main(["convert", file, f"{tmp_path}/folder.npz", "--force"]) == 2
    assert "folder.npz is a folder; give the name of a file in it" in capsys.readouterr().err


def test_repr_says_what_it_is():
    gen = illust_gan.load_generator(GOLDEN / "maccha-gen-chainer1.5.1.h5")
    assert repr(gen) == (
        "<Generator of Maccha's DCGAN: z of 100 → 3×96×96, 4,656,451 parameters, "
        "eps 1e-05, on @numpy>"
    )
