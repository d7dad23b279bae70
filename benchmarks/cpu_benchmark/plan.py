"""Which contenders run in which configurations, and about how long that takes."""

import dataclasses
import itertools

from contest.arithmetic import gflop

NETS = ("rezoolab", "maccha")
# Measured where they are asked for.
MORE_NETS = ("sugyan", "kim")
DEEDS = ("train", "generate")
BATCHSIZES = (1, 16, 64, 128)
THREADS = (2, 1)

# By the name of its module in cpu_contenders/, in the order in which they take turns.
CONTENDERS = {
    "this_project": "illust-gan",
    "torch_eager": "PyTorch NCHW",
    "torch_channels_last": "PyTorch channels-last",
    "torch_compile": "torch.compile",
    "stock_chainer": "stock Chainer",
    "this_project_bf16": "illust-gan bf16",
    "torch_bf16": "PyTorch bf16 autocast",
}
TORCH_FLOAT32 = ("torch_eager", "torch_channels_last", "torch_compile")


@dataclasses.dataclass(frozen=True)
class Configuration:
    """What all contenders do in turn."""

    deed: str
    net: str
    batchsize: int
    threads: int

    def __str__(self):
        deed = {"train": "train step", "generate": "generation"}[self.deed]
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{deed}, {self.net}, batch {self.batchsize}, {threads}"


def configurations(nets=NETS, deeds=DEEDS, batchsizes=(), threads=(), full=False):
    """Return the configurations to run.

    A train step of one picture is left out: the batch normalisation of a single vector is zero,
    and PyTorch refuses it. One thread is measured at the batches of the figures only, unless
    ``full`` or some batch or number of threads is asked for.

    Args:
        nets, deeds (iterable of str): Of :data:`NETS` or :data:`MORE_NETS`, and of :data:`DEEDS`.
        batchsizes, threads (iterable of int): Those of the benchmark if empty.
        full (bool): Whether to run every combination.

    Returns:
        list of Configuration: The slowest threads last.
    """
    full = full or bool(batchsizes) or bool(threads)
    combinations = itertools.product(threads or THREADS, deeds, nets, batchsizes or BATCHSIZES)
    return [
        Configuration(deed, net, batchsize, n)
        for n, deed, net, batchsize in combinations
        if (deed == "generate" or batchsize > 1) and (full or n > 1 or batchsize in (1, 64))
    ]


def expected_seconds(configuration, contenders, rounds):
    """Return about how long a configuration takes, to be set right by those already done."""
    seconds = 0
    for name in contenders:
        # GFLOP/s of a thread, and seconds until the first repetition.
        rate, start = {"stock_chainer": (20, 3), "torch_compile": (60, 25)}.get(name, (60, 4))
        work = gflop(configuration.deed, configuration.net, configuration.batchsize)
        seconds += start + (rounds + 2) * max(0.3, work / rate / configuration.threads)
    return seconds
