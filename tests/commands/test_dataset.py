import pytest
from PIL import Image

from illust_gan.commands.main import main
from illust_gan.datasets import PackedDataset


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (20, 30), (number, 0, 0)).save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize("out", ["data/avatars-64", "data/avatars-64.npy"])
def test_avatars_says_what_it_made(capsys, out):
    assert main(["dataset", "avatars", out, "--n", "3"]) == 0
    assert capsys.readouterr().out == (
        "3 faces of 64×64 in data/avatars-64.npy (0.0 MB), credits in data/avatars-64.json\n"
    )
    assert PackedDataset("data/avatars-64").pixels.shape == (3, 64, 64, 3)


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


@pytest.mark.parametrize("command", [["avatars", "a", "--n", "1"], ["pack", "scans", "a"]])
def test_a_set_is_replaced_only_by_force(capsys, scans, command):
    assert main(["dataset", *command]) == 0
    assert main(["dataset", *command]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: a.npy exists already; give another name, or")
    assert "--force" in error
    assert main(["dataset", *command, "--force"]) == 0


def test_pack_says_what_it_made(capsys, scans):
    assert main(["dataset", "pack", "scans", "data/scans-32.npy", "--size", "32"]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "3 pictures of 32×32 in data/scans-32.npy (0.0 MB), file names in data/scans-32.json\n"
    )
    assert err == ""
    assert PackedDataset("data/scans-32").size == 32


def test_pack_names_what_it_left_out(capsys, scans):
    (scans / "broken.png").write_text("not a picture")
    assert main(["dataset", "pack", "scans", "a"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("3 pictures of 64×64")
    assert err == (
        "left out, because unreadable: 1\n"
        "  broken.png: it is no PNG, JPEG, WEBP, GIF, BMP or TIFF picture\n"
    )


def test_pack_names_ten_and_counts_the_rest(capsys, scans):
    for number in range(12):
        (scans / f"broken-{number}.png").write_text("not a picture")
    assert main(["dataset", "pack", "scans", "a"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "left out, because unreadable: 12"
    assert lines[10].startswith("  broken-9.png: ")
    assert lines[11:] == ["  and 2 more, all named in a.json"]
    assert len(PackedDataset("a").manifest["left_out"]) == 12


def test_pack_of_no_pictures(capsys, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    assert main(["dataset", "pack", "notes", "a"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("illust-gan: No picture found in notes/: 1 file seen (1 .txt); wanted")


def test_pack_of_a_missing_folder(capsys):
    assert main(["dataset", "pack", "none", "a"]) == 2
    assert capsys.readouterr().err.startswith("illust-gan: none does not exist; wanted a folder")


@pytest.mark.parametrize("command", ["avatars", "pack"])
def test_help_shows_examples_and_defaults(capsys, command):
    assert main(["dataset", command, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"  illust-gan dataset {command} " in text
    assert "default: 64" in text
    assert "--force" in text
