"""PyTorch, float32, channels-last, by ``torch.compile``.

The whole of forward and backward is compiled as one graph, so that Inductor sees which gradients
no one uses; compiled nets would compute them all.
"""

import functools
import shutil
import sysconfig
from pathlib import Path

import torch
import torch._dynamo.config
import torch_deeds
from contest.pipe import UnavailableError
from torch_deeds import VERSION

__all__ = ["VERSION", "make"]

torch._dynamo.config.trace_autograd_ops = True


def make(job):
    """Return the deed of a job, where there is what Inductor needs."""
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        raise UnavailableError("torch.compile needs a C++ compiler, and there is no g++")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise UnavailableError("torch.compile needs Python.h (on Debian and Ubuntu: python3-dev)")
    compiler = functools.partial(torch.compile, fullgraph=True, dynamic=False)
    if job["deed"] == "generate":
        compiler = functools.partial(compiler, options={"freezing": True})
    return torch_deeds.make(job, torch.channels_last, compile=compiler)
