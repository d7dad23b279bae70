"""``illust-gan directions``: find, name, show and apply directions along which faces change."""

import click

from illust_gan.commands.directions_finding import find, fit, join
from illust_gan.commands.directions_showing import apply, sheet


@click.group()
def directions():
    """Find, name, show and apply directions along which faces change.

    A file of directions belongs to the very generator that they were found for.
    """


for command in (find, fit, join, sheet, apply):
    directions.add_command(command)
