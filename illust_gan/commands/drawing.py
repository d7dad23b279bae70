"""What commands that draw with a generator have in common: options, and the way to it."""

import os

import chainer
import click

from illust_gan.commands.device import check_device, device_option
from illust_gan.commands.precision import precision_option, use_precision
from illust_gan.errors import UserError
from illust_gan.generation.noise import check_strength
from illust_gan.generation.pick import check_faces
from illust_gan.serializers.load import load_net

_SEED = click.IntRange(0, 2**32 - 1)

_OPTIONS = (
    click.option(
        "--seed",
        default=0,
        show_default=True,
        type=_SEED,
        help="Of the faces: as of illust-gan generate.",
    ),
    click.option(
        "--chainer-version",
        help="Of the Chainer that wrote SNAPSHOT, such as 1.5.  [default: concluded from the file]",
    ),
    device_option,
    precision_option,
    click.option("--force", is_flag=True, help="Replace the file -o names if it exists."),
)


def drawing_options(command):
    """Decorate a command with ``--seed``, ``--device``, ``--force`` and the like."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def faces_option(*names, **settings):
    """Return an option that takes numbers of faces, such as ``3,17,42``, as a tuple of int."""
    return click.option(*names, metavar="N,N,…", callback=_faces, **settings)


def noise_options(strength):
    """Return a decorator for ``--strength``, with this default, and ``--noise-seed``."""

    def decorate(command):
        command = click.option(
            "--noise-seed",
            default=0,
            show_default=True,
            type=_SEED,
            help="Another one draws other neighbours.",
        )(command)
        return click.option(
            "--strength",
            default=strength,
            show_default=True,
            type=float,
            callback=_strength,
            help="Of the noise: the most by which it moves each of z's numbers.",
        )(command)

    return decorate


def _faces(ctx, param, value):
    return check_faces(value, param.opts[0])


def _strength(ctx, param, value):
    return check_strength(value, param.opts[0])


def check_out(out, force, ending=".png"):
    """Raise :class:`UserError` if a picture may not be written there.

    Args:
        out (str): Its name.
        force (bool): Whether a file of this name may be replaced.
        ending (str): That the name must have; any if None.
    """
    if ending and not out.lower().endswith(ending):
        raise UserError(f"-o {out} is not a {ending}; give such a name")
    if os.path.isdir(out):
        raise UserError(f"-o {out} is a folder; give the name of a file in it")
    if os.path.lexists(out) and not force:
        raise UserError(f"-o {out} exists already; give another name, or replace it with --force")


def open_generator(snapshot, device, precision, chainer_version):
    """Load a generator onto a device, ready to draw in a precision, and say what it is.

    Args:
        snapshot (str): A file.
        device, precision, chainer_version (str): As the options give them; None for the default.

    Returns:
        chainer.Chain: The generator.

    Raises:
        UserError: If the file holds none, or device or precision are not to be had.
    """
    device = check_device(device)
    use_precision(precision, device)
    device = chainer.get_device(device)
    device.use()
    gen, what = load_net(snapshot, "gen", chainer_version)
    click.echo(f"{snapshot} is {what}")
    gen.to_device(device)
    return gen


def make_folder(out):
    """Make the folder that a file will lie in, if it is not there."""
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
