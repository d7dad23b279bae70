"""Cost against batch size, as a picture."""

import statistics

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator, ScalarFormatter

matplotlib.use("Agg")

DEEDS = {"train": "train step", "generate": "generation"}


def draw(records, labels, title, file, *, ours, logarithmic=False):
    """Draw milliseconds per picture against batch size: a panel for each deed and net.

    Args:
        records (list of dict): ``deed``, ``net``, ``batchsize`` and ``contenders``.
        labels (dict): Of the contenders to draw, by name.
        title (str): What it was measured on.
        file (file): Takes the PNG.
        ours (tuple of str): Contenders whose lines are thicker.
        logarithmic (bool): Whether the milliseconds are; else they begin at 0.
    """
    nets = list(dict.fromkeys(r["net"] for r in records))
    figure = Figure(figsize=(max(10, 5 * len(nets)), 8), layout="constrained")
    panels = figure.subplots(len(DEEDS), max(1, len(nets)), squeeze=False)
    for row, (deed, words) in zip(panels, DEEDS.items()):
        for panel, net in zip(row, nets):
            of_panel = [r for r in records if (r["deed"], r["net"]) == (deed, net)]
            panel.set_visible(bool(of_panel))
            _draw_panel(panel, of_panel, labels, ours, logarithmic)
            panel.set_title(f"{words}, {net}")
    found = {}
    for panel in panels.flat:
        found |= {label: line for line, label in zip(*panel.get_legend_handles_labels())}
    figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=4)
    figure.suptitle(title)
    figure.savefig(file, format="png", dpi=100)


def _draw_panel(panel, records, labels, ours, logarithmic):
    for i, (name, label) in enumerate(labels.items()):
        points = [
            (r["batchsize"], 1000 * statistics.median(entry["seconds"]) / r["batchsize"])
            for r in sorted(records, key=lambda r: r["batchsize"])
            if "seconds" in (entry := r["contenders"].get(name, {}))
        ]
        if points:
            style = {"linewidth": 2.5, "zorder": 3} if name in ours else {}
            # There are ten colours; who comes later has another line.
            style["linestyle"] = ("-", "--", ":")[i // 10]
            panel.plot(*zip(*points), marker="o", color=f"C{i % 10}", label=label, **style)
    panel.set(xscale="log", xlabel="batch", ylabel="ms per picture")
    if logarithmic:
        panel.set_yscale("log")
        panel.yaxis.set_minor_formatter(NullFormatter())
    else:
        panel.set_ylim(bottom=0)
    panel.set_xticks(sorted({r["batchsize"] for r in records}))
    panel.xaxis.set_major_formatter(ScalarFormatter())
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(alpha=0.3)
