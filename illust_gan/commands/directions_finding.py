"""``illust-gan directions find``, ``fit`` and ``join``: what writes a file of directions."""

import sys

import click

from illust_gan.commands.directions_showing import list_directions
from illust_gan.commands.drawing import (
    drawing_options,
    drawing_options_without_label,
    label_option,
    open_generator,
)
from illust_gan.commands.output import check_out, force_option, make_folder
from illust_gan.errors import UserError, printable
from illust_gan.generation.conditional import apart_from
from illust_gan.generation.direction_file import check_name, load_directions, save_directions
from illust_gan.generation.directions import check_directions, join_directions
from illust_gan.generation.labels import COLOURS, REGIONS, find_label
from illust_gan.generation.pick import check_faces
from illust_gan.generation.supervised import fit_label, fit_lists
from illust_gan.generation.unsupervised import ganspace, sefa

_out_file = click.option(
    "-o", "--out", required=True, type=click.Path(), help=".npz to write, of directions."
)


def _faces_list(flag, name, what):
    def check(ctx, param, value):
        return value and check_faces(value, flag)

    return click.option(flag, name, metavar="N,N,…", callback=check, help=what)


@click.command()
@click.argument("snapshot", type=click.Path())
@_out_file
@click.option(
    "--method",
    default="sefa",
    show_default=True,
    type=click.Choice(["sefa", "ganspace"]),
    help="SeFa takes the first layer's weights apart, GANSpace its activations for many z.",
)
@click.option("--n", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option(
    "--samples",
    default=2000,
    show_default=True,
    type=click.IntRange(2, 5000),
    help="How many z GANSpace looks at, drawn from --seed.",
)
@drawing_options
def find(snapshot, out, method, n, samples, seed, force, **generator):
    """Find the directions along which faces of SNAPSHOT change most.

    What they mean is for you to see: illust-gan directions sheet shows them.

    \b
    illust-gan directions find generator.npz -o directions.npz
    illust-gan directions sheet generator.npz directions.npz -o directions.png
    """
    check_out(out, force, ".npz")
    gen = open_generator(snapshot, **generator)
    if method == "sefa":
        found = sefa(gen, n)
    else:
        found = ganspace(gen, n, samples=samples, seed=seed, progress=sys.stderr.isatty())
    _save(out, found)


@click.command()
@click.argument("snapshot", type=click.Path())
@_out_file
@click.option("--name", required=True, help="Of the direction, such as 'light hair'.")
@click.option(
    "--label",
    metavar="COLOUR|MODULE:FUNCTION",
    help=f"What grows along it: {', '.join(COLOURS)}, as the mean of a region (red is how much "
    "more of it than of others); or a function of your own, which takes faces, uint8 (n, H, W, 3), "
    "and returns n numbers or truth values.",
)
@click.option(
    "--region",
    metavar="NAME|L,T,R,B",
    help=f"Where a colour is measured: {', '.join(REGIONS)} (of the built-in faces), or left, top, "
    "right and bottom as fractions of the edge.  [default: all]",
)
@click.option(
    "--samples",
    default=2000,
    show_default=True,
    type=click.IntRange(10, 1_000_000),
    help="How many faces are drawn and labelled.",
)
@_faces_list("--with", "having", "In place of --label: numbers of faces that have it.")
@_faces_list("--without", "lacking", "Numbers of faces that lack it.")
@click.option(
    "--apart-from",
    "others",
    metavar="FILE",
    multiple=True,
    type=click.Path(),
    help="Directions, of the same generator, whose effect is taken out of it; may be repeated.",
)
@label_option("--of-label")
@drawing_options_without_label
def fit(
    snapshot,
    out,
    name,
    label,
    region,
    samples,
    having,
    lacking,
    others,
    of_label,
    seed,
    force,
    **generator,
):
    """Fit a direction of SNAPSHOT to what you name: a label, or two lists of faces.

    Faces are given by their numbers on the sheet of illust-gan generate with the same --seed,
    counted row by row from 0; ten in each list are a beginning.

    \b
    illust-gan directions fit generator.npz -o hair.npz --name "light hair" \\
        --label brightness --region hair
    illust-gan directions fit generator.npz -o smile.npz --name smile \\
        --with 3,17,42 --without 1,5,9
    illust-gan directions fit generator.npz -o eyes.npz --name "large eyes" \\
        --label my_labels:eye_size
    illust-gan directions fit generator.npz -o mouth.npz --name "open mouth" \\
        --label darkness --region mouth --apart-from skin.npz
    """
    check_out(out, force, ".npz")
    check_name(name)
    given = [label is not None, having is not None, lacking is not None]
    if given not in ([True, False, False], [False, True, True]):
        raise UserError("give either --label, or both --with and --without, to fit a direction to")
    if label is None and region is not None:
        raise UserError(
            f"--region {printable(region)} is where a colour is measured; beside --with and "
            "--without leave it out"
        )
    function = None if label is None else find_label(label, region)
    others = [(file, load_directions(file)) for file in others]
    gen = open_generator(snapshot, **generator, label=of_label, flag="--of-label")
    for file, directions in others:
        check_directions(directions, gen, file, snapshot)
    if function is not None:
        found = fit_label(
            gen, function, name=name, samples=samples, seed=seed, progress=sys.stderr.isatty()
        )
    else:
        flags = "--with", "--without"
        found = fit_lists(gen, having, lacking, name=name, seed=seed, names=flags)
    if others:
        found = apart_from(gen, found, join_directions([directions for _, directions in others]))
    _save(out, found)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@_out_file
@force_option
def join(files, out, force):
    """Put FILES of directions of one generator into one file.

    \b
    illust-gan directions join hair.npz smile.npz -o mine.npz
    """
    check_out(out, force, ".npz")
    _save(out, join_directions([load_directions(file) for file in files]))


def _save(out, found):
    make_folder(out)
    save_directions(out, found)
    count = "1 direction" if len(found) == 1 else f"{len(found)} directions"
    click.echo(f"{count} by {found.method}, in {out}:")
    list_directions(found)
