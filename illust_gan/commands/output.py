"""Where a command writes: what is there stays there, unless ``--force`` is given."""

import os

import click

from illust_gan.errors import UserError

force_option = click.option("--force", is_flag=True, help="Replace the file -o names if it exists.")


def check_out(out, force, ending=".png", flag="-o"):
    """Raise :class:`UserError` if a file may not be written there.

    Args:
        out (str): Its name.
        force (bool): Whether a file of this name may be replaced.
        ending (str): That the name must have; any if None.
        flag (str): Where the name was given; "" for an argument.
    """
    shown = f"{flag} {out}".lstrip()
    if ending and not out.lower().endswith(ending):
        raise UserError(f"{shown} is not a {ending}; give such a name")
    if os.path.isdir(out):
        raise UserError(f"{shown} is a folder; give the name of a file in it")
    if os.path.lexists(out) and not force:
        raise UserError(f"{shown} exists already; give another name, or replace it with --force")


def make_folder(out):
    """Make the folder that a file will lie in, if it is not there."""
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
