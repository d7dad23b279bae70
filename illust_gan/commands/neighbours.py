"""``illust-gan neighbours``: a face, and what lies around it."""

import sys

import click

from illust_gan.commands.drawing import drawing_options, noise_options, open_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.generation.neighbours import neighbours as draw_neighbours
from illust_gan.generation.pick import check_face
from illust_gan.generation.sheet import save_picture, sheet


@click.command()
@click.argument("snapshot", type=click.Path())
@click.option("-o", "--out", required=True, type=click.Path(), help="PNG to write.")
@click.option(
    "--face",
    default="0",
    show_default=True,
    metavar="N",
    callback=lambda ctx, param, value: check_face(value, param.opts[0]),
    help="Number of the face, as on the sheet of illust-gan generate, counted from 0.",
)
@click.option(
    "--rows",
    default=8,
    show_default=True,
    type=click.IntRange(1),
    help="Directions to go from the face.",
)
@click.option(
    "--columns",
    default=8,
    show_default=True,
    type=click.IntRange(2),
    help="Faces in a row, the face itself first.",
)
@noise_options(1.0)
@drawing_options
def neighbours(snapshot, out, face, rows, columns, strength, noise_seed, seed, force, **generator):
    """Draw a face of SNAPSHOT and its neighbours: noise on its z, stronger along each row.

    \b
    illust-gan neighbours results/000-rezoolab/generator.npz -o neighbours.png --face 17
    illust-gan neighbours generator.npz -o near.png --face 17 --strength 0.5 --noise-seed 1
    """
    check_out(out, force)
    gen = open_generator(snapshot, **generator)
    faces = draw_neighbours(
        gen,
        face,
        seed=seed,
        rows=rows,
        columns=columns,
        strength=strength,
        noise_seed=noise_seed,
        progress=sys.stderr.isatty(),
    )
    make_folder(out)
    save_picture(sheet(faces, columns=columns), out)
    click.echo(f"{rows}×{columns} neighbours of face {face}, seed {seed}, in {out}")
