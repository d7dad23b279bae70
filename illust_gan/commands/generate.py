"""``illust-gan generate``: a snapshot in, faces out."""

import os

import click
import numpy as np

from illust_gan.commands.device import device_option
from illust_gan.commands.drawing import choose_label, open_any_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.commands.precision import precision_option
from illust_gan.errors import UserError
from illust_gan.generation.one_label import name_labels
from illust_gan.generation.sample import generate as draw_faces
from illust_gan.generation.sheet import save_picture, sheet


@click.command()
@click.argument("snapshot", type=click.Path())
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(),
    help="PNG to write; with --separate, the folder for the faces.",
)
@click.option(
    "--n",
    type=click.IntRange(1),
    help="How many faces, of each label if there are several.  [default: 64; a row of each label]",
)
@click.option(
    "--label",
    "labels",
    metavar="NAME",
    multiple=True,
    help="Which label the faces have, of a generator with labels; may be repeated.  [default: all]",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed draws the same faces.",
)
@click.option(
    "--columns", default=8, show_default=True, type=click.IntRange(1), help="Faces in a row."
)
@click.option("--separate", is_flag=True, help="One file for each face: 0000.png, 0001.png, …")
@click.option(
    "--chainer-version",
    help="Of the Chainer that wrote SNAPSHOT, such as 1.5.  [default: concluded from the file]",
)
@device_option
@precision_option
@click.option("--force", is_flag=True, help="Replace the files that -o names, if they exist.")
def generate(snapshot, out, n, labels, seed, columns, separate, force, **generator):
    """Draw faces from SNAPSHOT, a generator or a whole run's, of any Chainer or TensorFlow.

    \b
    illust-gan generate results/000-rezoolab/generator.npz -o faces.png
    illust-gan generate results/000-rezoolab/snapshot_iter_500 -o faces --separate --n 10
    illust-gan generate dcgan_model_gen_100.h5 -o faces.png
    illust-gan generate results/004-kim-conditional/generator.npz -o cats.png --label cats
    """
    if separate and os.path.exists(out) and not os.path.isdir(out):
        raise UserError(f"-o {out} is a file; with --separate give the name of a folder")
    if not separate and not out.lower().endswith(".png"):
        raise UserError(f"-o {out} is not a .png; give such a name, or add --separate for a folder")
    for name in _names(out, separate, (n or 1) * max(len(labels), 1)):
        check_out(name, force, flag="" if separate else "-o")
    gen = open_any_generator(snapshot, **generator)
    labels = labels or getattr(gen, "label_names", (None,))
    n = n or (64 if len(labels) == 1 else columns)
    names = _names(out, separate, n * len(labels))
    # Only the generator knows how many labels there are.
    for name in names:
        check_out(name, force, flag="" if separate else "-o")
    drawing = [choose_label(gen, label) for label in labels]
    faces = [draw_faces(one, n, seed=seed) for one in drawing]
    make_folder(names[0])
    if separate:
        sheets = [sheet(face[None]) for part in faces for face in part]
    else:
        sheets = [_lay_out(faces, min(columns, n))]
    for name, picture in zip(names, sheets, strict=True):
        save_picture(picture, name)
    size = f"{faces[0].shape[2]}×{faces[0].shape[1]}"
    which = "" if labels == (None,) else f" of each label ({name_labels(labels)})"
    if which and len(labels) == 1:
        which = f" of the label {name_labels(labels)}"
    click.echo(f"{n} faces{which} of {size}, seed {seed}, in {out}")


def _lay_out(faces, columns):
    """Return a sheet on which each label's faces begin in a row of their own."""
    white = np.full((-len(faces[0]) % columns, *faces[0].shape[1:]), 255, np.uint8)
    rows = [part for some in faces for part in (some, white)]
    return sheet(np.concatenate(rows[:-1]), columns=columns)


def _names(out, separate, n):
    return [os.path.join(out, f"{i:04d}.png") for i in range(n)] if separate else [out]
