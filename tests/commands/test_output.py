import os

import click
import pytest

from illust_gan.commands.main import cli
from illust_gan.commands.output import check_out, make_folder
from illust_gan.errors import UserError

# A run's folder is never written over; the others write nothing that has a name of the user's.
WITHOUT_FORCE = {"train", "doctor", "inspect", "models", "info", "check", "serve"}


def commands(group=cli):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command)
        else:
            yield command


def test_every_command_that_writes_has_force():
    without = {c.name for c in commands() if "force" not in {p.name for p in c.params}}
    assert without == WITHOUT_FORCE


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_what_exists(tmp_path, kind):
    path = tmp_path / "x.png"
    if kind == "file":
        path.touch()
    else:
        path.symlink_to(tmp_path.parent if kind == "link" else tmp_path / "none")
    if kind == "link":
        with pytest.raises(UserError, match=rf"^-o {path} is a folder; give the name of"):
            check_out(str(path), True)
        return
    with pytest.raises(UserError, match=rf"^-o {path} exists already; .* replace it with --force$"):
        check_out(str(path), False)
    check_out(str(path), True)


def test_names(tmp_path):
    check_out(str(tmp_path / "x.PNG"), False)
    check_out(str(tmp_path / "x"), False, ending=None)
    with pytest.raises(UserError, match=r"^--z .*/x\.npz is not a \.npy; give such a name$"):
        check_out(str(tmp_path / "x.npz"), True, ".npy", "--z")
    (tmp_path / "x").touch()
    with pytest.raises(UserError, match=rf"^{tmp_path}/x exists already"):
        check_out(str(tmp_path / "x"), False, ending=None, flag="")


def test_folders_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for out in ("a/b/x.png", "a/b/y.png", "x.png"):
        make_folder(out)
    assert os.listdir() == ["a"]
    assert os.listdir("a") == ["b"]
