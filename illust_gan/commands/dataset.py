"""``illust-gan dataset``: makes, packs and looks at sets of pictures."""

import sys

import click

from illust_gan.commands.dataset_looking import check, info, show
from illust_gan.datasets.avatar_styles import DEFAULT_STYLES, OPTIONS

_NAMED = 10

_force = click.option("--force", is_flag=True, help="Replace OUT if it exists.")


@click.group()
def dataset():
    """Make, pack and look at sets of pictures.

    A set is two files: OUT.npy, the pixels, and OUT.json, the manifest: where the pictures come
    from, their credits, and what was left out and why.
    """


for command in (show, info, check):
    dataset.add_command(command)


@dataset.command()
@click.argument("out", type=click.Path())
@click.option(
    "--size",
    type=click.IntRange(8, 4096),
    default=64,
    show_default=True,
    metavar="PIXELS",
    help="Edge length of the faces; rezoolab's net draws 64, maccha's 96.",
)
@click.option(
    "--n",
    metavar="N",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    help="Number of faces.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Another seed gives other faces.",
)
@click.option(
    "--styles",
    default=",".join(DEFAULT_STYLES),
    show_default=True,
    metavar="A,B,...",
    help=f"Whose drawings: any of {', '.join(OPTIONS)}.",
)
@_force
def avatars(out, size, n, seed, styles, force):
    """Draw illustrated faces, offline, into the data set OUT.

    \b
    Examples:
      illust-gan dataset avatars data/avatars-64
      illust-gan dataset avatars data/avatars-96 --size 96 --n 10000
      illust-gan dataset avatars data/free --styles lorelei    # CC0 only
    """
    from illust_gan.datasets.avatars import make_avatars

    made = make_avatars(
        out, size=size, n=n, seed=seed, styles=styles, progress=_watched(), overwrite=force
    )
    click.echo(f"{_describe(made, 'face')}, credits in {made.path.with_suffix('.json')}")


@dataset.command()
@click.argument("folder", type=click.Path())
@click.argument("out", type=click.Path())
@click.option(
    "--size",
    type=click.IntRange(1, 4096),
    default=64,
    show_default=True,
    metavar="PIXELS",
    help="Edge length that the pictures are cropped and resized to.",
)
@_force
def pack(folder, out, size, force):
    """Pack the pictures of FOLDER, however nested, into the data set OUT.

    PNG, JPEG, WEBP, GIF (its first frame), BMP and TIFF are read. Pictures are cropped to their
    central square; those that cannot be read are left out and named.

    \b
    Examples:
      illust-gan dataset pack ~/Pictures/faces data/faces-64
      illust-gan dataset pack scans data/scans-96.npy --size 96
    """
    from illust_gan.datasets.pack import pack_pictures

    made = pack_pictures(folder, out, size, progress=_watched(), overwrite=force)
    manifest = made.path.with_suffix(".json")
    _name_left_out(made.manifest["left_out"], manifest)
    click.echo(f"{_describe(made, 'picture')}, file names in {manifest}")


def _watched():
    return sys.stderr.isatty()


def _describe(made, noun):
    return (
        f"{len(made)} {noun}{'' if len(made) == 1 else 's'} of {made.size}×{made.size} "
        f"in {made.path} ({made.path.stat().st_size / 1e6:.1f} MB)"
    )


def _name_left_out(left_out, manifest):
    if not left_out:
        return
    click.echo(f"left out, because unreadable: {len(left_out)}", err=True)
    for picture in left_out[:_NAMED]:
        click.echo(f"  {picture['file']}: {picture['reason']}", err=True)
    if len(left_out) > _NAMED:
        click.echo(f"  and {len(left_out) - _NAMED} more, all named in {manifest}", err=True)
