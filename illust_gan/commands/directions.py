"""``illust-gan directions``: find, name, show and apply directions along which faces change."""

import sys

import click
import numpy as np

from illust_gan.commands.drawing import (
    check_out,
    drawing_options,
    faces_option,
    make_folder,
    open_generator,
)
from illust_gan.errors import UserError
from illust_gan.generation.direction_file import check_name, load_directions, save_directions
from illust_gan.generation.directions import (
    apply_direction,
    check_directions,
    check_strength,
    direction_sheet,
    join_directions,
)
from illust_gan.generation.labels import COLOURS, REGIONS, colour_label
from illust_gan.generation.pick import check_face, check_faces, pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import save_picture
from illust_gan.generation.sheet import sheet as lay_out
from illust_gan.generation.supervised import fit_label, fit_lists
from illust_gan.generation.unsupervised import ganspace, sefa
from illust_gan.generation.z_file import load_z

_out_file = click.option(
    "-o", "--out", required=True, type=click.Path(), help=".npz to write, of directions."
)
_out_picture = click.option("-o", "--out", required=True, type=click.Path(), help="PNG to write.")
_z_option = click.option(
    "--z", "z_file", type=click.Path(), help="Take the face from a file of illust-gan project."
)


def _list_option(flag, name, what):
    def check(ctx, param, value):
        return value and check_faces(value, flag)

    return click.option(flag, name, metavar="N,N,…", callback=check, help=what)


@click.group()
def directions():
    """Find, name, show and apply directions along which faces change.

    A file of directions belongs to the very generator that they were found for.
    """


@directions.command()
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
    found = sefa(gen, n) if method == "sefa" else ganspace(gen, n, samples=samples, seed=seed)
    _save(out, found)


@directions.command()
@click.argument("snapshot", type=click.Path())
@_out_file
@click.option("--name", required=True, help="Of the direction, such as 'light hair'.")
@click.option(
    "--label",
    type=click.Choice(COLOURS),
    help="What grows along it, as the mean of a region; red is how much more of it than of others.",
)
@click.option(
    "--region",
    default="all",
    show_default=True,
    metavar="NAME|L,T,R,B",
    help=f"Where the label looks: {', '.join(REGIONS)} (of the built-in faces), or left, top, "
    "right and bottom as fractions of the edge.",
)
@click.option(
    "--samples",
    default=2000,
    show_default=True,
    type=click.IntRange(10, 1_000_000),
    help="How many faces are drawn and labelled.",
)
@_list_option("--with", "having", "In place of --label: numbers of faces that have it.")
@_list_option("--without", "lacking", "Numbers of faces that lack it.")
@drawing_options
def fit(snapshot, out, name, label, region, samples, having, lacking, seed, force, **generator):
    """Fit a direction of SNAPSHOT to what you name: a label, or two lists of faces.

    Faces are given by their numbers on the sheet of illust-gan generate with the same --seed,
    counted row by row from 0; ten in each list are a beginning.

    \b
    illust-gan directions fit generator.npz -o hair.npz --name "light hair" \\
        --label brightness --region hair
    illust-gan directions fit generator.npz -o smile.npz --name smile \\
        --with 3,17,42 --without 1,5,9
    """
    check_out(out, force, ".npz")
    check_name(name)
    given = [label is not None, having is not None, lacking is not None]
    if given not in ([True, False, False], [False, True, True]):
        raise UserError("give either --label, or both --with and --without, to fit a direction to")
    function = colour_label(label, region) if label else None
    gen = open_generator(snapshot, **generator)
    if function:
        found = fit_label(
            gen, function, name=name, samples=samples, seed=seed, progress=sys.stderr.isatty()
        )
    else:
        flags = "--with", "--without"
        found = fit_lists(gen, having, lacking, name=name, seed=seed, names=flags)
    _save(out, found)


@directions.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@_out_file
@click.option("--force", is_flag=True, help="Replace the file -o names if it exists.")
def join(files, out, force):
    """Put FILES of directions of one generator into one file.

    \b
    illust-gan directions join hair.npz smile.npz -o mine.npz
    """
    check_out(out, force, ".npz")
    _save(out, join_directions([load_directions(file) for file in files]))


@directions.command()
@click.argument("snapshot", type=click.Path())
@click.argument("file", type=click.Path())
@_out_picture
@click.option(
    "--face",
    default="0",
    show_default=True,
    metavar="N",
    callback=lambda ctx, param, value: check_face(value, param.opts[0]),
    help="Number of the face, as on the sheet of illust-gan generate, counted from 0.",
)
@_z_option
@click.option(
    "--strength",
    default=3.0,
    show_default=True,
    type=float,
    help="Rows go from minus this to this; 3 is half the usual length of z.",
)
@click.option(
    "--columns", default=7, show_default=True, type=click.IntRange(2, 1000), help="Faces in a row."
)
@drawing_options
def sheet(snapshot, file, out, face, z_file, strength, columns, seed, force, **generator):
    """Show what each direction of FILE does to a face of SNAPSHOT, a row for each.

    \b
    illust-gan directions sheet generator.npz directions.npz -o directions.png --face 17
    """
    check_out(out, force)
    check_strength(strength, "--strength")
    gen, found = _open(snapshot, file, generator)
    z = load_z(z_file, gen.n_hidden) if z_file else pick_z([face], gen.n_hidden, seed=seed)[0]
    picture = direction_sheet(gen, found, z, strength=strength, columns=columns)
    make_folder(out)
    save_picture(picture, out)
    click.echo(f"rows, each from strength {-strength:g} to {strength:g}, in {out}:")
    _list(found)


@directions.command()
@click.argument("snapshot", type=click.Path())
@click.argument("file", type=click.Path())
@_out_picture
@click.option(
    "--set",
    "settings",
    required=True,
    multiple=True,
    metavar="NAME=STRENGTH",
    help="How far along which direction; several add up.",
)
@faces_option(
    "--faces",
    default="0,1,2,3,4,5,6,7",
    show_default=True,
    help="Numbers of the faces, as on the sheet of illust-gan generate, counted from 0.",
)
@_z_option
@drawing_options
def apply(snapshot, file, out, settings, faces, z_file, seed, force, **generator):
    """Move faces of SNAPSHOT along directions of FILE: as they were above, as they became below.

    \b
    illust-gan directions apply generator.npz mine.npz -o lighter.png --set "light hair=3"
    illust-gan directions apply generator.npz d.npz -o x.png --set sefa-1=2 --set sefa-3=-1.5
    """
    check_out(out, force)
    settings = [_setting(text) for text in settings]
    gen, found = _open(snapshot, file, generator)
    z = load_z(z_file, gen.n_hidden)[None] if z_file else pick_z(faces, gen.n_hidden, seed=seed)
    moved = z
    for name, strength in settings:
        moved = apply_direction(moved, found[name], strength)
    drawn = draw(gen, np.concatenate([z, moved]))
    make_folder(out)
    save_picture(lay_out(drawn, columns=len(z)), out)
    what = ", ".join(f"{name} {strength:+g}" for name, strength in settings)
    click.echo(f"before and after {what}, in {out}")


def _open(snapshot, file, generator):
    """Load directions and their generator; the file is looked at first, as it is the smaller."""
    found = load_directions(file)
    gen = open_generator(snapshot, **generator)
    check_directions(found, gen, file, snapshot)
    return gen, found


def _save(out, found):
    make_folder(out)
    save_directions(out, found)
    count = "1 direction" if len(found) == 1 else f"{len(found)} directions"
    click.echo(f"{count} by {found.method}, in {out}:")
    _list(found)


def _list(found):
    width = max(map(len, found.names))
    for name, spread in zip(found.names, found.spreads):
        click.echo(f"  {name:{width}}  spread {spread:.2f}")


def _setting(text):
    name, equals, strength = text.rpartition("=")
    try:
        strength = float(strength)
    except ValueError:
        equals = ""
    if not (name and equals):
        raise UserError(f"--set {text} is no NAME=STRENGTH; wanted such as sefa-1=2.5")
    check_strength(strength, f"--set {name}")
    return name, strength
