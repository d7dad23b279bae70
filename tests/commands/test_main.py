import subprocess
import sys

import pytest

import illust_gan
from illust_gan.commands.main import main


def test_help_lists_the_commands(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name in ("dataset", "doctor", "export", "generate", "train"):
        assert f"\n  {name} " in out


@pytest.mark.parametrize(
    "command",
    [
        *("", "dataset", "directions", "doctor", "export", "generate"),
        *("mix", "models", "neighbours", "project", "train", "walk"),
    ],
)
def test_every_command_explains_itself(command, capsys):
    assert main([*command.split(), "-h"]) == 0
    assert capsys.readouterr().out.startswith("Usage: illust-gan")


def test_nothing_given_shows_the_help(capsys):
    assert main([]) == 2
    assert "Usage: illust-gan" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (["draw"], "No such command 'draw'"),
        (["generate", "--faces", "3"], "No such option"),
        (["generate", "x"], "Missing option '-o' / '--out'"),
        (["train", "--net", "stylegan"], "'stylegan' is not one of 'rezoolab', 'maccha'"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(arguments, pattern, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert pattern in err
    assert err.count("\n") == 1


def test_a_path_that_cannot_be_written_is_one_line(capsys, tmp_path, trained):
    (tmp_path / "file").touch()
    out = str(tmp_path / "file" / "faces.png")
    assert main(["generate", str(trained / "generator.npz"), "-o", out]) == 2
    err = capsys.readouterr().err
    assert "Not a directory" in err or "File exists" in err
    assert err.count("\n") == 1


def test_module_is_the_command_line():
    result = subprocess.run(
        [sys.executable, "-m", "illust_gan", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"illust-gan, version {illust_gan.__version__}\n"
