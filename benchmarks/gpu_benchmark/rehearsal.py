"""What can be tried of the benchmark without a GPU."""

import tempfile
from pathlib import Path

import click
from gpu_benchmark import plan, rounds
from gpu_benchmark.contenders import CONTENDERS
from gpu_benchmark.reference import Reference

BATCHSIZE = 4


def rehearse(entries, n, minutes, pythons, cache):
    """Print the plan, and run on the CPU what those contenders can run there who have a turn in it.

    Nothing is compiled, captured or timed; without that, many contenders are the same code. What
    PyTorch's compute is compared with this project's on the CPU, and this project's own code for
    the benchmark is run there.

    Args:
        entries (list of Entry): The plan.
        n (int): Rounds.
        minutes (float): There are; None for no limit.
        pythons (dict): Interpreter by contender.
        cache (path): For Inductor.

    Returns:
        int: An exit code: 1 if a contender failed.
    """
    show(entries, n, minutes)
    names = dict.fromkeys(name for entry in entries for name in entry.contenders)
    deeds = dict.fromkeys((entry.configuration.deed, entry.configuration.net) for entry in entries)
    stage = rounds.Stage(pythons, cache, "cpu")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(Path(folder), n_pictures=2 * BATCHSIZE)
        for deed, net in deeds:
            configuration = plan.Configuration(deed, net, BATCHSIZE)
            job, first_results = reference.of(configuration)
            click.echo(f"\n{configuration}, on the CPU, in float32 but for PyTorch's bf16")
            entry = plan.Entry(configuration, tuple(distinct_code(names)))
            record = rounds.run(entry, job, 0, stage, first_results)
            for name, answer in record["contenders"].items():
                failed |= "failed" in answer
                click.echo(f"{CONTENDERS[name].label:<44}  {told(answer)}")
    return int(failed)


def distinct_code(names):
    """Return those names whose code is another where nothing is compiled and captured."""
    found = {}
    for name in names:
        who = CONTENDERS[name]
        # This project's precisions are a GPU's, and the CPU's bf16 is another benchmark's.
        precision = who.precision if who.in_torch else "float32"
        found.setdefault((who.module, precision, str(who.environment)), name)
    return found.values()


def told(answer):
    """Return in words how a contender fared."""
    for word in ("not_available", "failed"):
        if word in answer:
            return f"{word.replace('_', ' ')}: {answer[word]}"
    found = answer["deviations"].items()
    return "computes the same: " + ", ".join(f"{what} to {d:.0e}" for what, d in found)


def show(entries, n, minutes):
    """Print what would be measured, in order, with guesses of how long it takes."""
    limit = "" if minutes is None else f", of which {minutes:.0f} minutes are there"
    click.echo(f"the plan, with guessed minutes{limit}:")
    total = 0
    for entry, fits in zip(entries, plan.fitting(entries, n, minutes)):
        expected = plan.expected_seconds(entry, n) / 60
        total += expected
        mark = "" if fits else " (does not fit)"
        click.echo(f"  {expected:5.1f}  {entry}{mark}")
    click.echo(f"  {total:5.1f}  together")
