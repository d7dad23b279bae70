"""``illust-gan directions sheet`` and ``apply``: what directions do to faces."""

import click
import numpy as np

from illust_gan.commands.drawing import drawing_options, faces_option, open_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.errors import UserError
from illust_gan.generation.direction_file import load_directions
from illust_gan.generation.directions import (
    apply_direction,
    check_directions,
    check_strength,
    direction_sheet,
)
from illust_gan.generation.pick import check_face, pick_z
from illust_gan.generation.sample import draw
from illust_gan.generation.sheet import save_picture
from illust_gan.generation.sheet import sheet as lay_out
from illust_gan.generation.z_file import load_z

_out_picture = click.option("-o", "--out", required=True, type=click.Path(), help="PNG to write.")
_z_option = click.option(
    "--z", "z_file", type=click.Path(), help="Take the face from a file of illust-gan project."
)


@click.command()
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
    list_directions(found)


@click.command()
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


def list_directions(found):
    """Print the names of directions and how strongly the generator answers to each."""
    width = max(map(len, found.names))
    for name, spread in zip(found.names, found.spreads):
        click.echo(f"  {name:{width}}  spread {spread:.2f}")


def _open(snapshot, file, generator):
    """Load directions and their generator; the file is looked at first, as it is the smaller."""
    found = load_directions(file)
    gen = open_generator(snapshot, **generator)
    check_directions(found, gen, file, snapshot)
    return gen, found


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
