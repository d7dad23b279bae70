"""The figures that this project means to reach on the CPU."""

from contest.ratios import median, quickest, ratio
from cpu_benchmark.plan import TORCH_FLOAT32


def share(record, name):
    """Return which part of the measured ceiling a contender's directly counted work reaches."""
    if median(record, name) is None or "ceiling" not in record:
        return None
    return record["gflop"] / median(record, name) / record["ceiling"]["gflops"]


def beside_best_torch(record):
    best = quickest(record, TORCH_FLOAT32)
    found = best and ratio(record, "this_project", best)
    return found and found[0]


def beside(name, other):
    def figure(record):
        found = ratio(record, name, other)
        return found and found[0]

    return figure


def memory(record):
    """Compare peak memory with that of the PyTorch contender that needs least."""
    peaks = {name: entry.get("peak_mb") for name, entry in record["contenders"].items()}
    torchs = [peaks[name] for name in TORCH_FLOAT32 if peaks.get(name)]
    return peaks["this_project"] / min(torchs) if torchs and peaks.get("this_project") else None


# Words, deed, batch, how it is computed, goal, stretch. All are for two threads.
FIGURES = (
    ("train step / best PyTorch float32", "train", 64, beside_best_torch, "≤ 0.80", "≤ 0.55"),
    ("generation / best PyTorch float32", "generate", 64, beside_best_torch, "≤ 0.75", "≤ 0.50"),
    ("generation / best PyTorch float32", "generate", 1, beside_best_torch, "≤ 0.80", "≤ 0.50"),
    (
        "train step / stock Chainer",
        "train",
        64,
        beside("this_project", "stock_chainer"),
        "≤ 0.20",
        "≤ 0.12",
    ),
    (
        "train step, share of the ceiling",
        "train",
        64,
        lambda record: share(record, "this_project"),
        "≥ 0.80",
        "≥ 1.20",
    ),
    (
        "train step, bf16 / PyTorch bf16",
        "train",
        64,
        beside("this_project_bf16", "torch_bf16"),
        "≤ 0.90",
        "≤ 0.60",
    ),
    ("peak memory of a train step / PyTorch", "train", 64, memory, "≤ 1.00", "≤ 0.70"),
)


def figures(report, nets):
    """Return the figures as rows.

    Args:
        report (dict): ``configurations`` is a list of records.
        nets (iterable of str): A column each.

    Returns:
        list of tuple: Words, a float or None for each net, goal and stretch.
    """
    records = {
        (r["deed"], r["net"], r["batchsize"], r["threads"]): r for r in report["configurations"]
    }
    rows = []
    for words, deed, batchsize, figure, goal, stretch in FIGURES:
        found = [records.get((deed, net, batchsize, 2)) for net in nets]
        values = [None if record is None else figure(record) for record in found]
        rows.append((f"{words}, batch {batchsize}", values, goal, stretch))
    return rows
