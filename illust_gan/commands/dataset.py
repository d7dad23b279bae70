"""``illust-gan dataset``: makes sets of pictures and looks at them."""

import sys

import click

from illust_gan.commands.dataset_looking import check, info, show
from illust_gan.commands.dataset_pack import pack
from illust_gan.datasets.avatar_styles import DEFAULT_STYLES, OPTIONS


@click.group()
def dataset():
    """Make, pack and look at sets of pictures.

    A set is two files: OUT.npy, the pixels, and OUT.json, the manifest: where the pictures come
    from, their credits, and what was left out and why.
    """


for command in (pack, show, info, check):
    dataset.add_command(command)


@dataset.command()
@click.argument("out", type=click.Path())
@click.option(
    "--size",
    type=click.IntRange(8, 4096),
    default=64,
    show_default=True,
    metavar="PIXELS",
    help="Edge length of the faces: for rezoolab's net 64, for maccha's 96, for the others either.",
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
@click.option(
    "--labels",
    type=click.Choice(["none", "style"]),
    default="none",
    show_default=True,
    help="Label each face with its style, for --net kim-conditional.",
)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def avatars(out, size, n, seed, styles, labels, force):
    """Draw illustrated faces, offline, into the data set OUT.

    \b
    Examples:
      illust-gan dataset avatars data/avatars-64
      illust-gan dataset avatars data/avatars-96 --size 96 --n 10000
      illust-gan dataset avatars data/free --styles lorelei    # CC0 only
      illust-gan dataset avatars data/styles-64 --labels style
    """
    from illust_gan.datasets.avatars import make_avatars

    made = make_avatars(
        out,
        size=size,
        n=n,
        seed=seed,
        styles=styles,
        labels=labels,
        progress=sys.stderr.isatty(),
        overwrite=force,
    )
    labelled = f", with {len(made.label_names)} labels," if made.label_names else ""
    click.echo(
        f"{n} face{'' if n == 1 else 's'} of {size}×{size}{labelled} in {made.path} "
        f"({made.path.stat().st_size / 1e6:.1f} MB), credits in {made.path.with_suffix('.json')}"
    )
