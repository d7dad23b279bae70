import pytest

from illust_gan.commands.main import main
from illust_gan.datasets import PackedDataset


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("out", ["data/avatars-64", "data/avatars-64.npy"])
def test_avatars_says_what_it_made(capsys, out):
    assert main(["dataset", "avatars", out, "--n", "3"]) == 0
    assert capsys.readouterr().out == (
        "3 faces of 64×64 in data/avatars-64.npy (0.0 MB), credits in data/avatars-64.json\n"
    )
    assert PackedDataset("data/avatars-64").pixels.shape == (3, 64, 64, 3)


def test_avatars_with_labels(capsys):
    assert main(["dataset", "avatars", "a", "--n", "4", "--labels", "style"]) == 0
    assert "4 faces of 64×64, with 3 labels, in a.npy" in capsys.readouterr().out
    assert PackedDataset("a").labels.tolist() == [0, 1, 2, 0]


def test_avatars_hands_its_options_on(capsys):
    options = ["--n", "1", "--size", "96", "--seed", "7", "--styles", "lorelei,micah"]
    assert main(["dataset", "avatars", "a", *options]) == 0
    assert capsys.readouterr().out.startswith("1 face of 96×96 in a.npy")
    settings = PackedDataset("a").manifest["settings"]
    assert settings["seed"] == 7
    assert settings["styles"] == ["lorelei", "micah"]


def test_avatars_of_a_style_that_is_not_offered(capsys):
    assert main(["dataset", "avatars", "a", "--styles", "lorelei,avataaars"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: no style 'avataaars' is offered; wanted one or more of")
    assert "notionists (CC0 1.0)" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(("option", "value"), [("--size", "7"), ("--n", "0"), ("--n", "many")])
def test_avatars_out_of_range(capsys, option, value):
    assert main(["dataset", "avatars", "a", option, value]) == 2
    assert option in capsys.readouterr().err


def test_a_set_is_replaced_only_by_force(capsys):
    command = ["avatars", "a", "--n", "1"]
    assert main(["dataset", *command]) == 0
    assert main(["dataset", *command]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: a.npy exists already; give another name, or")
    assert "--force" in error
    assert main(["dataset", *command, "--force"]) == 0


@pytest.mark.parametrize("command", ["avatars", "pack"])
def test_help_shows_examples_and_defaults(capsys, command):
    assert main(["dataset", command, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"  illust-gan dataset {command} " in text
    assert "default: 64" in text
    assert "--force" in text
