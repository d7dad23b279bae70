"""``illust-gan project``: a picture in, the face that is most like it out."""

import sys

import click
import numpy as np

from illust_gan.commands.drawing import drawing_options, open_generator
from illust_gan.commands.output import check_out, make_folder
from illust_gan.datasets.fitting import FITS
from illust_gan.generation.projection import project as find_z
from illust_gan.generation.projection import read_target
from illust_gan.generation.sheet import save_picture, sheet
from illust_gan.generation.z_file import save_z
from illust_gan.serializers.finding import find_nets, open_file
from illust_gan.serializers.load import load_net


@click.command()
@click.argument("snapshot", type=click.Path())
@click.argument("picture", type=click.Path())
@click.option(
    "-o", "--out", required=True, type=click.Path(), help="PNG to write: before and after."
)
@click.option(
    "--z", "z_file", type=click.Path(), help=".npy to write: z, for illust-gan directions --z."
)
@click.option(
    "--dis",
    type=click.Path(),
    help="Snapshot of the discriminator, whose features are compared too.  [default: SNAPSHOT's, "
    "if it holds one]",
)
@click.option(
    "--feature-weight",
    default=0.1,
    show_default=True,
    type=float,
    help="Of these features beside pixels; 0 leaves them out.",
)
@click.option(
    "--fit",
    default="crop",
    show_default=True,
    type=click.Choice(FITS),
    help="How a picture that is no square becomes one.",
)
@click.option(
    "--starts",
    default=8,
    show_default=True,
    type=click.IntRange(1, 1024),
    help="How many z are tried at once, drawn from --seed.",
)
@click.option("--steps", default=300, show_default=True, type=click.IntRange(1), help="Of Adam.")
@click.option(
    "--rate", default=0.05, show_default=True, type=float, help="Of Adam in the beginning."
)
@drawing_options
def project(
    snapshot,
    picture,
    out,
    z_file,
    dis,
    feature_weight,
    fit,
    starts,
    steps,
    rate,
    seed,
    force,
    **generator,
):
    """Find the face of SNAPSHOT that is most like PICTURE, and its z.

    It finds what the generator can draw: a face of its own again, of other pictures the colours
    and the rough shape. The snapshot of a whole run, with its discriminator, does it best.

    \b
    illust-gan project results/000-rezoolab/snapshot_iter_2000 me.png -o me-drawn.png
    illust-gan project generator.npz me.jpg -o me-drawn.png --z me.npy
    illust-gan directions sheet generator.npz directions.npz -o me-changed.png --z me.npy
    """
    check_out(out, force)
    if z_file is not None:
        check_out(z_file, force, ".npy", "--z")
    gen = open_generator(snapshot, **generator)
    judge = _open_discriminator(snapshot, dis, generator["chainer_version"], feature_weight)
    if judge is not None:
        judge.to_device(gen.device)
    target, note = read_target(picture, gen.size, fit=fit)
    if note:
        click.echo(note)
    found = find_z(
        gen,
        target,
        judge,
        starts=starts,
        steps=steps,
        rate=rate,
        feature_weight=feature_weight,
        seed=seed,
        progress=sys.stderr.isatty(),
    )
    make_folder(out)
    if z_file:
        make_folder(z_file)
        save_z(z_file, found.z)
    save_picture(sheet(np.stack([found.picture, found.face]), columns=2), out)
    where = f"{out}; z in {z_file}" if z_file else out
    click.echo(f"picture and face, {found.error:.1f} of 255 levels apart, in {where}")


def _open_discriminator(snapshot, dis, chainer_version, feature_weight):
    """Load the discriminator that was given, or the one beside the generator if there is one."""
    if feature_weight == 0:
        return None
    if dis is None:
        with open_file(snapshot) as reader:
            if not any(found.role == "dis" for found in find_nets(snapshot, reader)):
                click.echo("no discriminator in it: pixels alone are compared (see --dis)")
                return None
    net, what = load_net(dis or snapshot, "dis", chainer_version)
    click.echo(f"features are compared by {what}")
    return net
