"""This project on the CPU beside PyTorch and stock Chainer: same nets, weights, losses, optimiser.

Each contender is a process of its own which waits for its turn, so that a busy machine disturbs all
alike. Before they are timed it is checked that they compute the same. ``make bench`` builds the
environments and runs everything, which takes about 40 minutes on two cores; once they are there, a
part of it takes a minute or two:

    python benchmarks/cpu.py --net rezoolab --batchsize 64 --threads 2 --deed train
"""

import datetime
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import click
from contest import machine, plot
from contest.weights import write_weights
from cpu_benchmark import plan, rounds
from cpu_benchmark.table import table
from illust_gan.files import replacing

HERE = Path(__file__).parent
VENVS = HERE / ".venvs"
CORES = len(os.sched_getaffinity(0))


def find_pythons(contenders):
    """Return the interpreter of each contender and of both products."""
    chosen = [*contenders, *rounds.PRODUCTS]
    pythons = {}
    for name in chosen:
        words = name.split("_")
        folder = next((venv for venv in ("torch", "chainer") if venv in words), None)
        python = VENVS / folder / "bin/python" if folder else Path(sys.executable)
        if python.exists():
            pythons[name] = python
        elif name in contenders:
            raise click.UsageError(
                f"the contender {name} needs the environment {VENVS / folder}, which is not there: "
                "make bench builds it; or leave it out by naming others with --contender"
            )
    return pythons


def write(report, stem):
    """Write the report as JSON, as a table and as a plot."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    with replacing(f"{stem}.json") as f:
        f.write(json.dumps(report, indent=1, ensure_ascii=False).encode())
    with replacing(f"{stem}.txt") as f:
        f.write(table(report).encode())
    with replacing(f"{stem}.png") as f:
        threads = max(record["threads"] for record in report["configurations"])
        records = [r for r in report["configurations"] if r["threads"] == threads]
        described = report["machine"]
        title = f"{described['processor']}, {threads} of {described['cores']} cores"
        title += f", {report['date']}"
        plot.draw(records, plan.CONTENDERS, title, f, ours=("this_project",))


@click.command()
@click.option(
    "--net",
    multiple=True,
    type=click.Choice(plan.NETS + plan.MORE_NETS),
    help="[default: rezoolab and maccha]",
)
@click.option("--deed", multiple=True, type=click.Choice(plan.DEEDS), help="[default: both]")
@click.option(
    "-b", "--batchsize", multiple=True, type=click.IntRange(1), help="[default: 1, 16, 64, 128]"
)
@click.option("--threads", multiple=True, type=click.IntRange(1, CORES), help="[default: 2 and 1]")
@click.option(
    "--contender", multiple=True, type=click.Choice(list(plan.CONTENDERS)), help="[default: all]"
)
@click.option("--rounds", "n", default=7, type=click.IntRange(1), show_default=True)
@click.option("--full", is_flag=True, help="With one thread, too, run all batches.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write to OUT.json, OUT.txt and OUT.png."
)
def main(net, deed, batchsize, threads, contender, n, full, out):
    """Compare, print the table and write it to benchmarks/results/.

    Every option but --rounds, --full and --out narrows the run, and may be given several times; a
    narrowed run is only printed unless --out says where to write it.
    """
    configurations = plan.configurations(
        net or plan.NETS, deed or plan.DEEDS, batchsize, threads, full
    )
    configurations = [c for c in configurations if c.threads <= CORES]
    if not configurations:
        raise click.UsageError("nothing is left to run: a train step needs a --batchsize above 1")
    contenders = contender or tuple(plan.CONTENDERS)
    pythons = find_pythons(contenders)
    report = {
        "date": str(datetime.date.today()),
        "commit": machine.commit(),
        "machine": machine.describe(),
        "rounds": n,
        "configurations": [],
    }
    if out is None and not (net or deed or batchsize or threads or contender):
        out = HERE / "results" / f"{report['date']}-cpu-{machine.slug(report['machine'])}"

    expected = [plan.expected_seconds(c, contenders, n) for c in configurations]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        jobs = {c.net: None for c in configurations}
        jobs = {name: write_weights(name, Path(folder)) for name in jobs}
        for i, c in enumerate(configurations):
            passed = time.monotonic() - start
            slower = passed / sum(expected[:i]) if i else 1
            minutes = slower * sum(expected[i:]) / 60
            click.echo(f"[{i + 1}/{len(configurations)}] {c}; {minutes:.0f} min remain", err=True)
            record = rounds.run(
                c,
                jobs[c.net],
                contenders,
                n,
                pythons,
                VENVS / "inductor",
                warn=lambda words: click.echo(words, err=True),
            )
            report["configurations"].append(record)
            if out is not None:
                # After each, so that a run that is broken off has not been for nothing.
                write(report, out)
    click.echo(table(report))


if __name__ == "__main__":
    main()
