"""``illust-gan walk``: through faces and back, as a strip or an animation."""

import sys

import click
from PIL import Image

from illust_gan.commands.drawing import drawing_options, faces_option, open_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.errors import UserError
from illust_gan.generation.animation import (
    ENDINGS,
    MOST_FPS,
    MOST_SCALE,
    check_animation,
    check_pixels,
    save_animation,
)
from illust_gan.generation.sheet import save_picture, sheet
from illust_gan.generation.walk import INTERPOLATIONS, check_walk
from illust_gan.generation.walk import walk as walk_through


@click.command()
@click.argument("snapshot", type=click.Path())
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(),
    help="File to write: .png for a strip of all frames; .gif, .webp, .apng or .mp4 for an "
    "animation.",
)
@click.option("--animate", is_flag=True, help="Write a .png as APNG, which moves.")
@faces_option(
    "--faces",
    default="0,1,2,3",
    show_default=True,
    help="Numbers of the faces, as on the sheet of illust-gan generate, counted from 0.",
)
@click.option(
    "--frames",
    default=24,
    show_default=True,
    type=int,
    help="From one face to the next; in a strip, the columns.",
)
@click.option(
    "--interpolation",
    default=INTERPOLATIONS[0],
    show_default=True,
    type=click.Choice(INTERPOLATIONS),
    help="Spherical keeps the length of z; linear goes by shorter ones, of paler faces.",
)
@click.option(
    "--fps",
    default=25,
    show_default=True,
    type=click.IntRange(1, MOST_FPS),
    help="Frames a second; GIF knows hundredths of a second only.",
)
@click.option(
    "--scale",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_SCALE),
    help="How many times as large.",
)
@drawing_options
def walk(
    snapshot, out, animate, faces, frames, interpolation, fps, scale, seed, force, **generator
):
    """Walk through faces of SNAPSHOT, from each to the next and back to the first.

    \b
    illust-gan walk results/000-rezoolab/generator.npz -o walk.gif
    illust-gan walk generator.npz -o walk.webp --faces 3,17,42 --seed 7 --scale 4
    illust-gan walk generator.npz -o walk.mp4 --scale 6
    illust-gan walk generator.npz -o strip.png --frames 8

    MP4 needs the package av, keeps colours well from --scale 2 on, and does not repeat by itself;
    the others do.
    """
    check_walk(faces, frames, ("--faces", "--frames"))
    if not out.lower().endswith(tuple(ENDINGS)):
        raise UserError(
            f"-o {out} has no ending that is known; give .png for a strip, or .gif, .webp, .apng, "
            ".mp4 (or .png and --animate) for an animation"
        )
    # Before faces are drawn, which may take minutes.
    check_animation(out)
    check_out(out, force, ending=None)
    gen = open_generator(snapshot, **generator)
    progress = sys.stderr.isatty()
    film = walk_through(
        gen, faces, seed=seed, frames=frames, interpolation=interpolation, progress=progress
    )
    check_pixels(film, scale)
    make_folder(out)
    if out.lower().endswith(".png") and not animate:
        strip = sheet(film, columns=frames)
        size = (strip.width * scale, strip.height * scale)
        save_picture(strip.resize(size, Image.Resampling.NEAREST), out)
    else:
        save_animation(film, out, fps=fps, scale=scale, progress=progress)
    numbers = ", ".join(map(str, faces))
    click.echo(f"{len(film)} frames through faces {numbers} and back, seed {seed}, in {out}")
