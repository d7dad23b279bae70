"""What runs in which order, and about how long it takes."""

import dataclasses

from gpu_benchmark.contenders import CONTENDERS, CORE, CORE_AT_64

NETS = ("rezoolab", "maccha")
DEEDS = ("train", "generate")
BATCHSIZES = {"train": (64, 2048, 512, 16, 128), "generate": (64, 1, 512)}
ROUND_SECONDS = 0.3
CEILING_SECONDS = 40


@dataclasses.dataclass(frozen=True)
class Configuration:
    """What all contenders do in turn."""

    deed: str
    net: str
    batchsize: int

    def __str__(self):
        deed = {"train": "train step", "generate": "generation"}[self.deed]
        return f"{deed}, {self.net}, batch {self.batchsize}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One configuration and those who take part in it."""

    configuration: Configuration
    contenders: tuple

    def __str__(self):
        n = len(self.contenders)
        return f"{self.configuration}, {n} contender{'' if n == 1 else 's'}"


def entries(nets=NETS, deeds=DEEDS, batchsizes=(), contenders=(), short=False):
    """Return what is to be measured, the most important first.

    A train step of one picture is left out, as on the CPU.

    Args:
        nets, deeds (iterable of str): Of :data:`NETS` and :data:`DEEDS`.
        batchsizes (iterable of int): Those of the benchmark if empty.
        contenders (iterable of str): Who takes part; if empty, all in the train step of 64, and
            elsewhere fewer: those that take long, or much memory at 2048, only where figures are.
        short (bool): Whether time may end before the plan does: then everything comes first with
            those contenders alone that the figures need, one net's figures before the other's, and
            after that with all.

    Returns:
        list of Entry: In order; a later one of the same configuration is to replace the earlier.
    """
    plan = []
    for configuration in _configurations(nets, deeds, batchsizes):
        chosen = tuple(n for n in CONTENDERS if n in contenders) or _usual(configuration)
        plan.append(Entry(configuration, chosen))
    if not short:
        return plan
    core = []
    for entry in sorted(plan, key=_figures_net):
        needed = CORE_AT_64 if entry.configuration.batchsize == 64 else CORE
        chosen = tuple(name for name in entry.contenders if name in needed)
        if chosen:
            core.append(Entry(entry.configuration, chosen))
    return core + [entry for entry in plan if entry not in core]


def _figures_net(entry):
    c = entry.configuration
    return NETS.index(c.net) if _has_figures(c) else len(NETS)


def _configurations(nets, deeds, batchsizes):
    found = []
    for deed in (deed for deed in DEEDS if deed in deeds):
        # Both nets at one batch before the next batch.
        for batchsize in batchsizes or BATCHSIZES[deed]:
            if deed == "generate" or batchsize > 1:
                found += [Configuration(deed, net, batchsize) for net in NETS if net in nets]
    # After the figures, the recipe's size of what is left.
    return sorted(found, key=lambda c: (not _has_figures(c), c.batchsize != 64))


def _has_figures(configuration):
    return configuration.deed == "train" and configuration.batchsize in (64, 2048)


def _usual(configuration):
    names = list(CONTENDERS)
    if not _has_figures(configuration):
        names = [n for n in names if "max_autotune" not in n and not n.endswith("_no_graph")]
    elif configuration.batchsize == 2048:
        # No figure needs the others, and all together do not fit into a card's memory.
        names = [name for name in names if name in CORE or CONTENDERS[name].in_torch]
    return tuple(names)


def expected_seconds(entry, rounds):
    """Return about how long an entry takes: guesses, to be set right by what has been measured."""
    return sum(CONTENDERS[name].start + rounds * ROUND_SECONDS for name in entry.contenders)


def fitting(plan, rounds, minutes):
    """Return which entries are expected to fit into a time.

    Args:
        plan (list of Entry): In order of importance.
        rounds (int): Of each contender.
        minutes (float): All there is; None for no limit.

    Returns:
        list of bool: For each entry. One that does not fit is passed over, and a shorter one after
        it may still be done.

    Example:
        >>> a, b = entries(("rezoolab",), ("train",), (64, 16), ("torch_eager_tf32",))
        >>> fitting([a, b], 7, 1), fitting([a, b], 7, None)
        ([True, False], [True, True])
    """
    left = None if minutes is None else 60 * minutes - CEILING_SECONDS
    fits = []
    for entry in plan:
        seconds = expected_seconds(entry, rounds)
        fits.append(left is None or seconds <= left)
        if left is not None and fits[-1]:
            left -= seconds
    return fits
