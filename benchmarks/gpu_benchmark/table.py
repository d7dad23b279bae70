"""The report as text."""

import statistics

from contest.ratios import ratio
from gpu_benchmark.contenders import CONTENDERS
from gpu_benchmark.figures import figures, share
from gpu_benchmark.plan import NETS, Configuration

EXPLANATION = """\
Times are medians of {rounds} rounds in which the contenders took turns, with the least and the
greatest round; a round is as many steps as take a quarter of a second. Ratios are the medians of
illust-gan in tf32 and in bf16 by the contender's. A train step draws z on the card, takes, mirrors
and scales uint8 pictures that lie there, and ends with both nets updated; a generation begins with
z and ends with float32 pictures on the card, in test mode. Before one is timed it has to compute,
within the rounding of its precision, what illust-gan computes on the CPU in float32.

Memory is, first, what nvidia-smi counts for the process after its warm-up: with the CUDA context,
code and workspaces; second, what the framework's allocator holds (PyTorch: most reserved; CuPy: all
pools). Kernels are launches in one step, by CUPTI for PyTorch, by the captured graph's nodes for
illust-gan; where there is no graph they are not counted.

The ceiling is a copy of 1 GiB, read and written, and products of 8192×8192 matrices, the best of
PyTorch's and CuPy's. A share is the longer of two times, the least bytes by the bandwidth and the
counted operations by the rate of products in the contender's precision, divided by the time;
gpu_benchmark/traffic.py says what the least bytes are.
"""


def table(report):
    """Return the report as text: the card, the figures, and a block for each configuration.

    Args:
        report (dict): As ``gpu.py`` writes it into the JSON file.
    """
    lines = [
        f"illust-gan {report['commit']} on a GPU, {report['date']}",
        card_line(report["card"]),
        f"in a machine with {report['machine']['processor']}, {report['machine']['cores']} cores",
        *versions(report),
        ceiling_line(report["ceiling"]),
        "",
        EXPLANATION.format(rounds=report["rounds"]),
        f"{'ours / theirs':<62}{'net':<10}{'':>7}{'goal':>8}{'stretch':>9}",
    ]
    for figure, net, value, words, verdict in figures(report, NETS):
        sign = "≥" if figure.at_least else "≤"
        number = "–" if value is None else f"{value:.2f}"
        told = f"{verdict} (beside {words})" if value is not None else verdict
        lines.append(
            f"{f'{figure.words}, batch {figure.batchsize}':<62}{net:<10}{number:>7}"
            f"{f'{sign} {figure.goal:.2f}':>8}{f'{sign} {figure.stretch:.2f}':>9}  {told}"
        )
    for record in report["configurations"]:
        lines += ["", *block(record, report)]
    for words in report.get("passed_over", ()):
        lines += ["", f"not measured, as there was no time: {words}"]
    return "\n".join(lines) + "\n"


def card_line(card):
    """Return what is known of the card."""
    known = {
        "driver_version": "driver {}",
        "clocks.max.sm": "clock at most {} MHz",
        "clocks.max.mem": "memory's {} MHz",
        "power.limit": "power limit {} W",
    }
    told = [words.format(card[name]) for name, words in known.items() if name in card]
    head = f"{card['name']}, {card['memory_mb'] / 1e3:.0f} GB, CUDA {card['cuda']} by its driver"
    return ", ".join([head, *told])


def ceiling_line(rates):
    """Return the measured rates."""
    if "bandwidth" not in rates:
        return "ceiling: not measured"
    told = [f"{rates['bandwidth'] / 1e12:.2f} TB/s"]
    for precision in ("float32", "tf32", "float16", "bf16"):
        rate = f"{rates[precision] / 1e12:.0f} TFLOP/s" if precision in rates else "not measured"
        told.append(f"{precision} {rate}")
    return f"ceiling: {', '.join(told)}"


def versions(report):
    """Return a line for each environment."""
    found = {}
    for record in report["configurations"]:
        for name, entry in record["contenders"].items():
            if "version" in entry:
                found.setdefault(entry["version"], {})[CONTENDERS[name].label] = None
    return [f"{version}: {', '.join(labels)}" for version, labels in found.items()]


def block(record, report):
    """Return the lines of one configuration."""
    c = Configuration(*(record[k] for k in ("deed", "net", "batchsize")))
    state = ", ".join(f"{name} {value}" for name, value in record.get("state", {}).items())
    lines = [
        f"{c}: {record['gflop']:.1f} GFLOP{f'; {state}' if state else ''}",
        f"{'':<44}{'ms (least–greatest)':>28}{'pictures/s':>12}{'tf32 / it':>11}{'bf16 / it':>11}"
        f"{'share':>7}{'kernels':>9}{'MB, process':>13}{'allocator':>11}",
    ]
    for name, entry in record["contenders"].items():
        label = CONTENDERS[name].label + (" *" if entry.get("apart") else "")
        if "seconds" not in entry:
            why = entry.get("not_available") or entry.get("failed", "it was not timed")
            word = "not available" if "not_available" in entry else "failed"
            lines.append(f"{label:<44}  {word}: {' '.join(why.split())[-600:]}")
            continue
        ms = [1000 * seconds for seconds in entry["seconds"]]
        middle = f"{statistics.median(ms):.3f} ({min(ms):.3f}–{max(ms):.3f})"
        rate = 1000 * record["batchsize"] / statistics.median(ms)
        compared = [ratio(record, f"this_project_{p}", name) for p in ("tf32", "bf16")]
        ratios = "".join(f"{'–' if found is None else f'{found[0]:.2f}':>11}" for found in compared)
        part = share(record, report, name)
        lines.append(
            f"{label:<44}{middle:>28}{rate:>12,.0f}{ratios}"
            f"{'–' if part is None else f'{part:.2f}':>7}{_number(entry, 'kernels'):>9}"
            f"{_number(entry, 'process_mb'):>13}{_number(entry, 'reserved_mb'):>11}"
        )
    if any(entry.get("apart") for entry in record["contenders"].values()):
        lines.append("* measured in an earlier pass, and not in turn with the others")
    for name in record["no_time"]:
        lines.append(f"{CONTENDERS[name].label:<44}  no time was left for it")
    return lines


def _number(entry, name):
    value = entry.get(name)
    return "–" if value is None else f"{value:.0f}"
