"""The figures that this project means to reach on a GPU."""

import dataclasses
from collections.abc import Callable

from contest.ratios import quickest, ratio
from gpu_benchmark.contenders import CONTENDERS, TORCH_COMPILE


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number, how it is computed, and what it should be.

    Attributes:
        words (str): What it says.
        batchsize (int): Of the train step that it is about.
        compute (callable): ``record, report`` → the number, or None where something was not
            measured, and a word on what it was compared with.
        goal, stretch (float): What is meant, and what would be better still.
        at_least (bool): Whether more is better.
    """

    words: str
    batchsize: int
    compute: Callable
    goal: float
    stretch: float
    at_least: bool = False

    def verdict(self, value):
        """Return "reached", "stretch reached", "missed" or "not measured"."""
        if value is None:
            return "not measured"
        sign = 1 if self.at_least else -1
        if sign * value >= sign * self.stretch:
            return "stretch reached"
        return "reached" if sign * value >= sign * self.goal else "missed"


def beside(name, other):
    """Return what computes the ratio of two contenders' medians."""

    def compute(record, report):
        found = ratio(record, name, other)
        return found and found[0], CONTENDERS[other].label

    return compute


def beside_best_compiled(record, report):
    """Compare bf16 with the quickest of torch.compile's contenders, whatever its precision."""
    best = quickest(record, TORCH_COMPILE)
    if best is None:
        return None, "none of torch.compile ran"
    found = ratio(record, "this_project_bf16", best)
    n = sum("seconds" in record["contenders"].get(name, {}) for name in TORCH_COMPILE)
    words = f"{CONTENDERS[best].label}, best of the {n} of {len(TORCH_COMPILE)} that ran"
    return found and found[0], words


def memory(name, other):
    """Return what compares the device memory of two contenders' processes."""

    def compute(record, report):
        mine, theirs = (
            record["contenders"].get(each, {}).get("process_mb") for each in (name, other)
        )
        return mine / theirs if mine and theirs else None, CONTENDERS[other].label

    return compute


def share(record, report, name):
    """Return which part of the card's ceiling a contender reaches, or None.

    The ceiling is the longer of two times: the least bytes by the measured bandwidth, and the
    counted operations by the measured rate of products in the contender's precision.
    """
    found = ratio(record, name, name)
    rates, precision = report["ceiling"], CONTENDERS[name].precision
    if found is None or "bandwidth" not in rates or precision not in rates:
        return None
    entry = record["contenders"][name]
    moved = entry["least_bytes"] / rates["bandwidth"]
    multiplied = record["gflop"] * 1e9 / rates[precision]
    return max(moved, multiplied) / sorted(entry["seconds"])[len(entry["seconds"]) // 2]


FIGURES = (
    Figure(
        "train step, tf32 / PyTorch eager, tf32",
        64,
        beside("this_project_tf32", "torch_eager_tf32"),
        0.40,
        0.25,
    ),
    Figure("train step, bf16 / best torch.compile", 64, beside_best_compiled, 0.95, 0.75),
    Figure("train step, bf16 / best torch.compile", 2048, beside_best_compiled, 1.00, 0.85),
    Figure(
        "train step / stock Chainer on CuPy, both float32",
        64,
        beside("this_project_float32", "stock_chainer"),
        0.10,
        0.05,
    ),
    Figure(
        "train step, bf16, share of the card's ceiling",
        2048,
        lambda record, report: (share(record, report, "this_project_bf16"), "the ceiling"),
        0.50,
        0.70,
        at_least=True,
    ),
    *(
        Figure(
            "device memory of a train step, tf32 / PyTorch eager",
            batchsize,
            memory("this_project_tf32", "torch_eager_tf32"),
            1.00,
            0.80,
        )
        for batchsize in (64, 2048)
    ),
)


def figures(report, nets):
    """Return the figures as rows.

    Args:
        report (dict): As ``gpu.py`` writes it into the JSON file.
        nets (iterable of str): Each figure is computed for each.

    Returns:
        list of tuple: The figure, the net, the number or None, what it was compared with, and the
        verdict.
    """
    records = {(r["deed"], r["net"], r["batchsize"]): r for r in report["configurations"]}
    rows = []
    for figure in FIGURES:
        for net in nets:
            record = records.get(("train", net, figure.batchsize))
            value, words = (None, "") if record is None else figure.compute(record, report)
            rows.append((figure, net, value, words, figure.verdict(value)))
    return rows
