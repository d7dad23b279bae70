"""One configuration: all contenders in turn."""

import contextlib
import random
import re
import time
from pathlib import Path

from contest.arithmetic import gflop
from contest.children import Child, ContenderError
from gpu_benchmark import card, parity
from gpu_benchmark.contenders import CONTENDERS
from gpu_benchmark.plan import ROUND_SECONDS
from gpu_benchmark.traffic import least_bytes

FOLDER = Path(__file__).parents[1] / "gpu_contenders"
# By how much a guess of plan.py may be wrong before a contender is taken for stuck.
PATIENCE = 5
# Seconds for what takes less than a second, or some, for a ceiling.
STUCK = 120
# A profiler that is stuck must not eat the time of others.
COUNTING = 30
PAUSE = 0.02


class Stage:
    """Where contenders compete: their interpreters, the device, and the time there is.

    Args:
        pythons (dict): Interpreter by contender, for those that have one.
        cache (path): Where Inductor keeps what it has compiled.
        device (str): ``"cuda"``, or ``"cpu"`` for a rehearsal.
        uuid (str): The card's; None in a rehearsal.
        deadline (float): By ``time.monotonic()``; infinity for none.
    """

    def __init__(self, pythons, cache, device, uuid=None, deadline=float("inf")):
        self.pythons = pythons
        self.cache = cache
        self.device = device
        self.uuid = uuid
        self.deadline = deadline

    def start(self, name, script, argument, environment=()):
        """Start a program of ``gpu_contenders/`` in the environment of a contender."""
        variables = {"TORCHINDUCTOR_CACHE_DIR": str(self.cache), **dict(environment)}
        return Child(name, [self.pythons[name], FOLDER / script, argument], variables)

    def left(self):
        """Return how many seconds there are."""
        return self.deadline - time.monotonic()

    def used_mb(self):
        """Return what is in use on the card, or None."""
        return card.used_mb(self.uuid) if self.uuid else None


def run(entry, job, rounds, stage, reference):
    """Run one configuration and return its record.

    A contender that fails, or is not what it says, is left out, and the record says why.

    Args:
        entry (Entry): What to do, and who does it.
        job (dict): The net's entries of ``gpu_contenders/child.py``.
        rounds (int): How often each has its turn; 0 to compare results only.
        stage (Stage): Where.
        reference (list): What they should compute.

    Returns:
        dict: The configuration, ``gflop``, ``state`` of the card in the last round, ``no_time``
        (names of those that were left out for it), and ``contenders``: by name, ``deviations``,
        ``seconds`` of a step in each round, ``steps`` that each of them is the mean of,
        ``process_mb``, ``reserved_mb``, ``in_use_mb``, ``kernels``, ``not_counted`` (why some of
        these are missing), ``least_bytes`` and ``version``; or ``not_available`` or ``failed`` with
        the reason.
    """
    c = entry.configuration
    record = {**vars(c), "gflop": gflop(c.deed, c.net, c.batchsize), "contenders": {}}
    record["no_time"] = []
    with contextlib.ExitStack() as stack:
        children = {}
        for i, name in enumerate(entry.contenders):
            # Those who are there already need time to be measured.
            reserved = rounds * ROUND_SECONDS * (i + 1)
            if stage.left() - reserved < CONTENDERS[name].start:
                record["no_time"].append(name)
                continue
            limit = min(PATIENCE * CONTENDERS[name].start, stage.left() - reserved)
            child, answer = _begin(name, job | vars(c), stage, limit, reference)
            record["contenders"][name] = answer
            if child is not None:
                stack.callback(child.close)
                children[name] = child
        seconds = {name: [] for name in children}
        for i in range(rounds):
            # Caches and clocks remember the one before: no contender follows always the same.
            for name in random.Random(i).sample(list(children), len(children)):
                time.sleep(PAUSE)
                with _failing_alone(name, children, record):
                    answer = children[name].ask("round", STUCK)
                    seconds[name].append(answer["seconds"])
                    record["contenders"][name]["steps"] = answer["steps"]
        if stage.uuid:
            record["state"] = card.state(stage.uuid)
        for name, child in children.items() if rounds else ():
            record["contenders"][name] |= {"seconds": seconds[name], **_count(child)}
    return record


def _count(child):
    """Return memory and kernels; what cannot be counted costs no timing."""
    counted = {}
    try:
        for what in ("memory", "kernels"):
            counted |= child.ask(what, COUNTING)
    except ContenderError as error:
        counted["not_counted"] = error.message
    return counted


def _begin(name, job, stage, limit, reference):
    """Start a contender; return it, or None if it is not to be timed, and its entry."""
    who = CONTENDERS[name]
    if name not in stage.pythons:
        return None, {"not_available": "its environment is not there; make bench-gpu builds it"}
    settings = {k: getattr(who, k) for k in ("precision", "graph", "compile")}
    before = stage.used_mb()
    child = stage.start(name, "child.py", who.module, who.environment)
    try:
        answer = child.ask(job | settings | {"device": stage.device}, limit)
    except ContenderError as error:
        answer = {"failed": error.message}
    if "result" in answer:
        answer |= parity.compare(job["deed"], who.precision, answer, reference)
        # The pictures of a generation fill pages.
        del answer["result"]
    if "failed" in answer or "not_available" in answer:
        child.close(1)
        return None, answer
    after = stage.used_mb()
    if before is not None and after is not None:
        answer["process_mb"] = after - before
    found = least_bytes(job["deed"], job["net"], job["batchsize"], who.precision)
    return child, answer | {"least_bytes": found}


@contextlib.contextmanager
def _failing_alone(name, children, record):
    """Let a contender drop out that fails."""
    try:
        yield
    except ContenderError as error:
        children.pop(name).close(1)
        record["contenders"][name] = {"failed": error.message}


def is_memory(words):
    """Return whether a contender's last words say that the card's memory was full.

    Example:
        >>> is_memory("torch.OutOfMemoryError: CUDA out of memory."), is_memory("KeyError: 'x'")
        (True, False)
    """
    return bool(re.search(r"out of memory|OutOfMemory|ALLOC_FAILED", words))


def measure_ceiling(stage):
    """Return the best rates of both libraries: ``bandwidth`` and, by precision, products.

    Args:
        stage (Stage): Where; its ``pythons`` have ``ceiling_torch`` and ``ceiling_cupy``.

    Returns:
        dict: Bytes and operations in a second (float); ``failed``, words by library, if one did.
    """
    rates, failed = {}, {}
    for library in ("torch", "cupy"):
        name = f"ceiling_{library}"
        if name not in stage.pythons:
            continue
        child = stage.start(name, "ceiling.py", library)
        try:
            answer = child.ask("rates", STUCK)
            if "not_available" in answer:
                failed[library] = answer.pop("not_available")
            for what, rate in answer.items():
                rates[what] = max(rate, rates.get(what, 0))
        except ContenderError as error:
            failed[library] = error.message
        finally:
            child.close()
    return {**rates, "failed": failed} if failed else rates
