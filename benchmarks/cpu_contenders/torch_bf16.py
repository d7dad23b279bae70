"""PyTorch, eager, channels-last, in bf16 by autocast; a generator's weights are cast once."""

import torch
import torch_deeds
from torch_deeds import VERSION
from workload import check_bf16

__all__ = ["VERSION", "make"]


def make(job):
    """Return the deed of a job, where the processor has bf16: elsewhere one step takes a minute."""
    check_bf16()
    return torch_deeds.make(job, torch.channels_last, bf16=True)
