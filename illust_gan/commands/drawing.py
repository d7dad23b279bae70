"""What commands that draw with a generator have in common: options, and the way to it."""

import chainer
import click

from illust_gan.commands.device import check_device, device_option
from illust_gan.commands.output import force_option
from illust_gan.commands.precision import precision_option, use_precision
from illust_gan.errors import UserError
from illust_gan.generation.noise import check_strength
from illust_gan.generation.one_label import name_labels, with_label
from illust_gan.generation.pick import check_faces
from illust_gan.serializers.load import load_net

_SEED = click.IntRange(0, 2**32 - 1)


def label_option(*names):
    """Return an option that chooses one label of a generator with labels."""
    return click.option(
        *names, metavar="NAME", help="Which label the faces have, of a generator with labels."
    )


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
    """Decorate a command with ``--label``, ``--seed``, ``--device``, ``--force`` and the like."""
    return label_option("--label")(drawing_options_without_label(command))


def drawing_options_without_label(command):
    """Do the same without ``--label``, for a command where that is something else."""
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


def open_generator(snapshot, device, precision, chainer_version, label=None, flag="--label"):
    """Load a generator onto a device, ready to draw in a precision, and say what it is.

    Args:
        snapshot (str): A file.
        device, precision, chainer_version (str): As the options give them; None for the default.
        label (str): As the option gives it.
        flag (str): What the option is called.

    Returns:
        chainer.Chain: The generator; of nets with labels, one that draws this label.

    Raises:
        UserError: If the file holds none, device or precision are not to be had, or the label and
            the net do not go together.
    """
    gen = open_any_generator(snapshot, device, precision, chainer_version)
    return choose_label(gen, label, flag)


def choose_label(gen, label, flag="--label"):
    """Return a generator that draws from z alone.

    Args:
        gen (chainer.Chain): A generator.
        label (str): Which label, of one with labels; None if no option was given.
        flag (str): What the option is called.

    Raises:
        UserError: If the label and the net do not go together.
    """
    names = getattr(gen, "label_names", None)
    if label is None and names is None:
        return gen
    if label is None:
        raise UserError(f"the generator has labels; give {flag} with one of {name_labels(names)}")
    return with_label(gen, label, flag)


def open_any_generator(snapshot, device, precision, chainer_version):
    """Do the same as :func:`open_generator` and leave the label open, if there are labels."""
    device = check_device(device)
    use_precision(precision, device)
    device = chainer.get_device(device)
    device.use()
    gen, what = load_net(snapshot, "gen", chainer_version)
    click.echo(f"{snapshot} is {what}")
    gen.to_device(device)
    return gen
