"""What ``--precision`` takes, and whether it is to be had."""

import click

import illust_gan
from illust_gan.errors import UserError

precision_option = click.option(
    "--precision",
    type=click.Choice(["float32", "bf16"]),
    help="Of the products in convolutions on the CPU; bf16 is coarser and needs AVX512-BF16, and "
    "is faster where the processor multiplies it faster, as with AMX.  [default: float32]",
)


def use_precision(precision, device):
    """Compute the convolutions of this command in a precision.

    Args:
        precision (str): ``"float32"`` or ``"bf16"``; None is ``"float32"``.
        device (str): From :func:`illust_gan.commands.device.check_device`.

    Raises:
        UserError: If it is not to be had, with the reason.
    """
    if precision == "bf16" and device != "@numpy":
        raise UserError(
            "--precision bf16 is for the CPU, and --device names a GPU; leave one of them away"
        )
    if precision == "bf16" and not illust_gan.config.fast:
        raise UserError(
            "--precision bf16 needs the fast paths, which ILLUST_GAN_FAST=0 switches off; "
            "leave one of them away"
        )
    config = illust_gan.config.using(precision=precision or "float32")
    click.get_current_context().with_resource(config)
