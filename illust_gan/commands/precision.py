"""What ``--precision`` takes, and whether it is to be had."""

import click

import illust_gan
from illust_gan.errors import UserError
from illust_gan.functions.cuda.device import why_not
from illust_gan.functions.switch import PRECISIONS, why_not_on_cpu

precision_option = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    help="Of the products in convolutions. On the CPU bf16 is coarser and needs AVX512-BF16, and "
    "is faster where the processor multiplies it faster, as with AMX. A GPU has all four, for its "
    "tensor cores; float16 and bf16 are also what lies between the layers there, and only bf16 "
    "cannot overflow.  [default: float32]",
)


def use_precision(precision, device):
    """Compute the convolutions of this command in a precision.

    Args:
        precision (str): One of :data:`~illust_gan.functions.switch.PRECISIONS`; None is
            ``"float32"``.
        device (str): From :func:`illust_gan.commands.device.check_device`.

    Raises:
        UserError: If it is not to be had there, with the reason.
    """
    precision = precision or "float32"
    if precision != "float32":
        if not illust_gan.config.fast:
            raise UserError(
                f"--precision {precision} needs the fast paths, which ILLUST_GAN_FAST=0 switches "
                "off; leave one of them away"
            )
        on_cpu = device == "@numpy"
        number = 0 if on_cpu else int(device.rpartition(":")[2])
        reason = why_not_on_cpu(precision) if on_cpu else why_not(precision, number)
        if reason is not None:
            raise UserError(
                f"precision {precision} is not to be had: {reason}; leave --precision away, or "
                f"give --precision float32 where a run or script has {precision}"
            )
    config = illust_gan.config.using(precision=precision)
    click.get_current_context().with_resource(config)
