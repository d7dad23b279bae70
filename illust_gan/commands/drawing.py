"""What commands that draw with a generator have in common: options, and the way to it."""

import chainer
import click

from illust_gan.commands.device import check_device, device_option
from illust_gan.commands.output import force_option
from illust_gan.commands.precision import precision_option, use_precision
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
    force_option,
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
