"""This project on a GPU beside PyTorch and stock Chainer: same nets, weights, losses, optimiser.

Each contender is a process of its own which waits for its turn, as in ``cpu.py``. Before one is
timed it has to compute what this project computes on the CPU. ``make bench-gpu`` builds the
environments and measures everything, which takes hours; cards are often lent for minutes, and the
most important comes first:

    python benchmarks/gpu.py --minutes 8
    python benchmarks/gpu.py --rehearse

The second needs no GPU: it prints the plan, and runs on the CPU what can be run there.
"""

import datetime
import json
import sys
import tempfile
import time
from pathlib import Path

import click
from contest import machine, plot
from gpu_benchmark import card, plan, rehearsal, rounds
from gpu_benchmark.contenders import CONTENDERS
from gpu_benchmark.reference import N_PICTURES, Reference
from gpu_benchmark.table import table
from illust_gan.files import replacing

HERE = Path(__file__).parent
VENVS = HERE / ".venvs"


def find_pythons(contenders, torch_python):
    """Return the interpreters of those contenders, and ceilings, that have one.

    Args:
        contenders (iterable of str): Names.
        torch_python (path): Of the environment with PyTorch; None if there is none.
    """
    pythons = {"ceiling_cupy": Path(sys.executable)}
    if torch_python is not None:
        pythons["ceiling_torch"] = torch_python
    for name in contenders:
        python = torch_python if CONTENDERS[name].in_torch else Path(sys.executable)
        if python is not None:
            pythons[name] = python
    return pythons


def find_torch(rehearse):
    """Return the interpreter of the environment that make built for PyTorch, or None."""
    # A rehearsal can do with the one for the CPU.
    names = ("torch-cuda", "torch") if rehearse else ("torch-cuda",)
    found = (VENVS / name / "bin/python" for name in names)
    return next((python for python in found if python.exists()), None)


def write(report, stem):
    """Write the report as JSON, as a table and as a plot."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    with replacing(f"{stem}.json") as f:
        f.write(json.dumps(report, indent=1, ensure_ascii=False).encode())
    with replacing(f"{stem}.txt") as f:
        f.write(table(report).encode())
    labels = {name: who.label for name, who in CONTENDERS.items()}
    ours = tuple(name for name, who in CONTENDERS.items() if who.ours)
    title = f"{report['card']['name']}, {report['date']}"
    with replacing(f"{stem}.png") as f:
        plot.draw(report["configurations"], labels, title, f, ours=ours, logarithmic=True)


def failures(report):
    """Return what went wrong with this project's own contenders, as lines.

    What did not fit into the card's memory, with others there, is no failure.
    """
    return [
        f"{record['deed']}, {record['net']}, batch {record['batchsize']}: {name} failed"
        for record in report["configurations"]
        for name, entry in record["contenders"].items()
        if CONTENDERS[name].ours and "failed" in entry and not rounds.is_memory(entry["failed"])
    ]


def measure(entries, n, stage, report, out):
    """Measure what there is time for; the report grows, and is written after each entry."""
    entries = [entry for entry in entries if not is_measured(entry, report)]
    if not entries:
        return
    if "ceiling" not in report:
        click.echo("ceiling of the card", err=True)
        report["ceiling"] = rounds.measure_ceiling(stage)
    start, guessed = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        largest = max(entry.configuration.batchsize for entry in entries)
        reference = Reference(Path(folder), max(N_PICTURES, 2 * largest))
        for i, entry in enumerate(entries):
            # What has been done says how good the guesses are.
            slower = (time.monotonic() - start) / guessed if guessed else 1
            expected = slower * plan.expected_seconds(entry, n)
            if expected > stage.left():
                report["passed_over"].append(str(entry))
                write(report, out)
                click.echo(f"[{i + 1}/{len(entries)}] {entry}: no time is left for it", err=True)
                continue
            click.echo(f"[{i + 1}/{len(entries)}] {entry}: {expected / 60:.1f} min", err=True)
            job, first_results = reference.of(entry.configuration)
            record = rounds.run(entry, job, n, stage, first_results)
            guessed += plan.expected_seconds(entry, n)
            keep(report, record)
            # After each, so that a run that is broken off has not been for nothing.
            write(report, out)


def take_over(path, report):
    """Take over what an earlier run has measured of the same code on the same card.

    Args:
        path (pathlib.Path): Its JSON.
        report (dict): Takes the records.

    Raises:
        click.UsageError: If it is another card, code or number of rounds.
    """
    earlier = json.loads(path.read_bytes())
    for what in ("commit", "rounds", "card"):
        then, now = (r[what]["name"] if what == "card" else r[what] for r in (earlier, report))
        if then != now:
            raise click.UsageError(
                f"{path} is of {what} {then} and this run of {now}; give another --out"
            )
    report |= {what: earlier[what] for what in ("ceiling", "configurations")}


def is_measured(entry, report):
    """Return whether a report has an entry's contenders already, measured or failed."""
    c = entry.configuration
    return any(
        vars(c).items() <= record.items() and set(entry.contenders) <= set(record["contenders"])
        for record in report["configurations"]
    )


def keep(report, record):
    """Put a record into a report.

    Of an earlier one of the same configuration it takes over who was measured then and was not now,
    for want of time or memory, and marks them as ``apart``.
    """
    others = []
    for earlier in report["configurations"]:
        if any(earlier[k] != record[k] for k in ("deed", "net", "batchsize")):
            others.append(earlier)
            continue
        for name, entry in earlier["contenders"].items():
            if "seconds" in entry and "seconds" not in record["contenders"].get(name, {}):
                record["contenders"][name] = entry | {"apart": True}
    record["no_time"] = [name for name in record["no_time"] if name not in record["contenders"]]
    report["configurations"] = [*others, record]


@click.command()
@click.option("--net", multiple=True, type=click.Choice(plan.NETS), help="[default: both]")
@click.option("--deed", multiple=True, type=click.Choice(plan.DEEDS), help="[default: both]")
@click.option(
    "-b",
    "--batchsize",
    multiple=True,
    type=click.IntRange(1),
    help="[default: 16, 64, 128, 512, 2048; generation 1, 64, 512]",
)
@click.option("--contender", multiple=True, type=click.Choice(list(CONTENDERS)))
@click.option("--rounds", "n", default=7, type=click.IntRange(1), show_default=True)
@click.option("--minutes", type=click.FloatRange(1), help="End by then. [default: no limit]")
@click.option(
    "--torch-python",
    type=click.Path(exists=True, path_type=Path),
    help="Interpreter with PyTorch for CUDA. [default: of make bench-gpu]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write to OUT.json, OUT.txt and OUT.png. [default: benchmarks/results/DATE-gpu-CARD]",
)
@click.option("--resume", is_flag=True, help="Leave out what OUT.json has, and add to it.")
@click.option("--rehearse", is_flag=True, help="Without a GPU: the plan, and what the CPU can do.")
def main(net, deed, batchsize, contender, n, minutes, torch_python, out, resume, rehearse):
    """Compare, print the table and write it to benchmarks/results/."""
    entries = plan.entries(
        net or plan.NETS,
        deed or plan.DEEDS,
        batchsize,
        contender,
        short=minutes is not None,
    )
    if not entries:
        raise click.UsageError("nothing is left to run: a train step needs a --batchsize above 1")
    pythons = find_pythons(contender or CONTENDERS, torch_python or find_torch(rehearse))
    if rehearse:
        sys.exit(rehearsal.rehearse(entries, n, minutes, pythons, VENVS / "inductor"))
    try:
        found = card.find()
    except card.NoCardError as error:
        words = f"{error}, so there is nothing to measure on; --rehearse does what needs no GPU"
        click.echo(f"Error: {words}", err=True)
        sys.exit(2)
    deadline = time.monotonic() + 60 * minutes if minutes else float("inf")
    stage = rounds.Stage(pythons, VENVS / "inductor", "cuda", found["uuid"], deadline)
    report = {
        "date": str(datetime.date.today()),
        "commit": machine.commit(),
        "card": card.describe(found),
        "machine": machine.describe(),
        "rounds": n,
        "configurations": [],
        "passed_over": [],
    }
    if out is None:
        out = HERE / "results" / f"{report['date']}-gpu-{card.slug(found['name'])}"
    earlier = Path(f"{out}.json")
    if resume and earlier.exists():
        take_over(earlier, report)
    measure(entries, n, stage, report, out)
    click.echo(table(report))
    wrong = failures(report)
    if wrong:
        raise click.ClickException("; ".join(wrong))


if __name__ == "__main__":
    main()
