"""PyTorch: eager, compiled, captured as one graph, in TF32 or under bf16 autocast."""

import torch_generation
import torch_training
from torch_device import VERSION

__all__ = ["VERSION", "make"]


def make(job):
    """Return the deed of a job."""
    return (torch_training if job["deed"] == "train" else torch_generation).make(job)
