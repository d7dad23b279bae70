"""The ceiling by PyTorch's matrix product."""

import products
import torch

VERSION = f"PyTorch {torch.__version__}"


def make(job):
    torch.set_num_threads(job["threads"])
    return products.make(job, torch.ones, lambda a, b, out: torch.mm(a, b, out=out))
