"""This project with the products of its convolutions in bf16, where the processor has it."""

import chainer_deeds
import illust_gan
from chainer_deeds import VERSION
from contest.pipe import UnavailableError
from workload import check_bf16

__all__ = ["VERSION", "make"]


def make(job):
    """Return the deed of a job, where processor and installed kernels have bf16."""
    check_bf16()
    try:
        illust_gan.config.precision = "bf16"
    except illust_gan.UserError as error:
        raise UnavailableError(str(error)) from error
    return chainer_deeds.make(job)
