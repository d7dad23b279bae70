"""PyTorch, eager, float32, with weights and maps in channels-last order."""

import torch
import torch_deeds
from torch_deeds import VERSION

__all__ = ["VERSION", "make"]


def make(job):
    """Return the deed of a job."""
    return torch_deeds.make(job, torch.channels_last)
