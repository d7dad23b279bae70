"""This project in bf16, where the processor has it."""

import chainer_deeds
from chainer_deeds import VERSION
from workload import UnavailableError, check_bf16

__all__ = ["VERSION", "make"]


def make(job):
    """Return the deed of a job, if this version of the package can do it in bf16."""
    check_bf16()
    if not hasattr(chainer_deeds, "make_bf16"):
        raise UnavailableError("this version of illust-gan computes in float32 only")
    return chainer_deeds.make_bf16(job)
