"""What ``-d/--device`` takes, and whether it is there."""

import re

import click

from illust_gan.errors import UserError
from illust_gan.functions.cuda.device import list_gpus

device_option = click.option(
    "-d",
    "--device",
    metavar="[-1|N|@cupy:N]",
    help="-1 for the CPU, or the number of a GPU.  [default: -1]",
)


class DeviceError(UserError):
    """A device is not there; the message says which are."""


def check_device(text):
    """Turn what stands behind ``--device`` into Chainer's name for it.

    Args:
        text (str): ``"-1"``, ``"0"``, ``"@numpy"`` or ``"@cupy:0"``; None is ``"-1"``.

    Returns:
        str: ``"@numpy"`` or ``"@cupy:N"``, as ``chainer.get_device`` takes it.

    Raises:
        DeviceError: If it is no device, or is not there.

    Example:
        >>> check_device("-1")
        '@numpy'
    """
    if text in (None, "-1", "@numpy"):
        return "@numpy"
    match = re.fullmatch(r"(?:@cupy:)?(\d+)", text)
    if match is None:
        raise DeviceError(
            f"--device {text} is no device; give -1 for the CPU, or 0 or @cupy:0 for the first GPU"
        )
    number = int(match[1])
    names, why_none = list_gpus()
    if number >= len(names):
        there = ", ".join(["-1 (CPU)"] + [f"{i} ({name})" for i, name in enumerate(names)])
        reason = f"; {why_none}" if why_none else ""
        raise DeviceError(f"--device {text} is not there; there is: {there}{reason}")
    return f"@cupy:{number}"
