"""Cost against batch size, as a picture."""

import statistics

import matplotlib
from cpu_benchmark.plan import CONTENDERS, DEEDS, NETS
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, ScalarFormatter

matplotlib.use("Agg")


def draw(report, file):
    """Draw milliseconds per picture against batch size: a panel for each deed and net.

    Args:
        report (dict): As ``cpu.py`` writes it; only the greatest number of threads is drawn.
        file (file): Takes the PNG.
    """
    threads = max(record["threads"] for record in report["configurations"])
    figure = Figure(figsize=(10, 8), layout="constrained")
    panels = figure.subplots(len(DEEDS), len(NETS))
    for row, deed in zip(panels, DEEDS):
        for panel, net in zip(row, NETS):
            records = [
                record
                for record in report["configurations"]
                if (record["deed"], record["net"], record["threads"]) == (deed, net, threads)
            ]
            panel.set_visible(bool(records))
            draw_panel(panel, records)
            title = {"train": "train step", "generate": "generation"}[deed]
            panel.set_title(f"{title}, {net}")
    labels = {}
    for panel in panels.flat:
        labels |= {label: line for line, label in zip(*panel.get_legend_handles_labels())}
    figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=4)
    machine = report["machine"]
    figure.suptitle(
        f"{machine['processor']}, {threads} of {machine['cores']} cores, {report['date']}"
    )
    figure.savefig(file, format="png", dpi=100)


def draw_panel(panel, records):
    for i, (name, label) in enumerate(CONTENDERS.items()):
        points = [
            (r["batchsize"], 1000 * statistics.median(entry["seconds"]) / r["batchsize"])
            for r in sorted(records, key=lambda r: r["batchsize"])
            if "seconds" in (entry := r["contenders"].get(name, {}))
        ]
        if points:
            style = {"linewidth": 2.5, "zorder": 3} if name == "this_project" else {}
            panel.plot(*zip(*points), "o-", color=f"C{i}", label=label, **style)
    panel.set(xscale="log", xlabel="batch", ylabel="ms per picture")
    panel.set_ylim(bottom=0)
    panel.set_xticks(sorted({r["batchsize"] for r in records}))
    panel.xaxis.set_major_formatter(ScalarFormatter())
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(alpha=0.3)
