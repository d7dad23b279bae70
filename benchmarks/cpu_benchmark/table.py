"""The report as text."""

import statistics

from contest.ratios import ratio
from cpu_benchmark.figures import figures, share
from cpu_benchmark.plan import CONTENDERS, MORE_NETS, Configuration

EXPLANATION = """\
Times are medians of {rounds} rounds in which the contenders took turns, with the least and the
greatest round. Ratios are this project's median by the contender's, with the least and the greatest
ratio within one round. A train step begins with uint8 pictures and z on the host and ends with both
nets updated; a generation begins with z and ends with float32 pictures, in test mode. PyTorch's
generators have their batch normalisation folded into the weights.

Memory is the kernel's VmHWM of a process that did nothing but this configuration: the greatest
resident memory during the rounds, with interpreter, libraries, weights and Adam's moments; in
brackets, what was resident after the imports.

The ceiling is the best of NumPy's and PyTorch's matrix products, in the same rounds, of the nets'
own im2col shapes and of 3072×3072×3072. A share is the directly counted arithmetic, divided by the
time and by the ceiling; with fewer multiplications than the direct count's it can exceed 1.
"""
OF_MORE_NETS = """\
sugyan's and Kim's layers of 5×5 pad 1 pixel before and 2 after. PyTorch draws and judges the
pictures turned by 180°, where that is its own padding, and so pads and cuts nothing besides; its
normalisations of sugyan's net have no weight. In an iteration of Kim's, D learns, then G twice, and
each time the pictures are drawn anew. Stock Chainer is given this project's chains.
"""


def table(report):
    """Return the report as text: the machine, the figures, and a block for each configuration.

    Args:
        report (dict): As ``cpu.py`` writes it into the JSON file.
    """
    machine = report["machine"]
    nets = list(dict.fromkeys(record["net"] for record in report["configurations"]))
    lines = [
        f"illust-gan {report['commit']} on the CPU, {report['date']}",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB; "
        f"memory allocator: {machine['allocator']}",
        *versions(report),
        "",
        EXPLANATION.format(rounds=report["rounds"]),
        *([OF_MORE_NETS] if set(nets) & set(MORE_NETS) else []),
        f"{'2 threads, ours / theirs':<50}{''.join(f'{net:>10}' for net in nets)}"
        f"{'goal':>10}{'stretch':>10}",
    ]
    for words, values, goal, stretch in figures(report, nets):
        shown = "".join(f"{'–' if v is None else f'{v:.2f}':>10}" for v in values)
        lines.append(f"{words:<50}{shown}{goal:>10}{stretch:>10}")
    for record in report["configurations"]:
        lines += ["", *block(record)]
    return "\n".join(lines) + "\n"


def versions(report):
    """Return a line for each environment."""
    found = {}
    for record in report["configurations"]:
        for name, entry in record["contenders"].items():
            if "version" in entry:
                found.setdefault(entry["version"], {})[CONTENDERS[name]] = None
    return [f"{version}: {', '.join(names)}" for version, names in found.items()]


def block(record):
    """Return the lines of one configuration."""
    c = Configuration(*(record[k] for k in ("deed", "net", "batchsize", "threads")))
    head = f"{c}: {record['gflop']:.1f} GFLOP"
    if "ceiling" in record:
        head += f", ceiling {record['ceiling']['gflops']:.0f} GFLOP/s"
    lines = [
        head,
        f"{'':<24}{'ms (least–greatest)':>26}{'ours / it (least–greatest)':>30}"
        f"{'MB (imports)':>16}{'ours / it':>11}{'share':>7}",
    ]
    ours = record["contenders"].get("this_project", {}).get("peak_mb")
    for name, entry in record["contenders"].items():
        if "not_available" in entry:
            lines.append(f"{CONTENDERS[name]:<24}  not available: {entry['not_available']}")
            continue
        ms = [1000 * seconds for seconds in entry["seconds"]]
        middle = f"{statistics.median(ms):.1f} ({min(ms):.1f}–{max(ms):.1f})"
        compared = ratio(record, "this_project", name)
        ratios = "{:.2f} ({:.2f}–{:.2f})".format(*compared) if compared else "–"
        memory = f"{entry['peak_mb']:.0f} ({entry['libraries_mb']:.0f})"
        memories = f"{ours / entry['peak_mb']:.2f}" if ours else "–"
        part = share(record, name)
        lines.append(
            f"{CONTENDERS[name]:<24}{middle:>26}{ratios:>30}{memory:>16}{memories:>11}"
            f"{'–' if part is None else f'{part:.2f}':>7}"
        )
    return lines
