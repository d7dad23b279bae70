"""One configuration: all contenders in turn."""

import contextlib
import os
import random
import statistics
import time
from pathlib import Path

from contest.arithmetic import gflop
from contest.children import Child
from cpu_benchmark import parity

PRODUCTS = ("product_numpy", "product_torch")
SCRIPT = Path(__file__).parents[1] / "cpu_contenders" / "child.py"
# Threads of a pool look out for more work for a while before they sleep.
PAUSE = 0.05


def run(configuration, job, contenders, rounds, pythons, cache, warn):
    """Run one configuration and return its record.

    Args:
        configuration (Configuration): What to do.
        job (dict): The net's entries of ``cpu_contenders/workload.py``.
        contenders (iterable of str): Names of modules.
        rounds (int): How often each has its turn.
        pythons (dict): Interpreter by contender.
        cache (path): For Inductor.
        warn (callable): Is given what contenders write on the standard error.

    Returns:
        dict: ``gflop``, ``load`` (of the machine before it began), ``contenders`` (a record by
        name) and, for a train step, ``ceiling``.
    """
    job = job | vars(configuration)
    record = {
        **vars(configuration),
        "gflop": gflop(configuration.deed, configuration.net, configuration.batchsize),
        "load": os.getloadavg()[0],
        "contenders": {},
    }
    if configuration.deed == "train":
        contenders = [*contenders, *(name for name in PRODUCTS if name in pythons)]
    results = {name: [] for name in contenders}
    with contextlib.ExitStack() as stack:
        children, warm_ups = {}, {}
        for name in contenders:
            command = [pythons[name], SCRIPT, name]
            child = Child(name, command, environment(configuration.threads, cache))
            stack.callback(child.close)
            record["contenders"][name] = answer = child.ask(job)
            if "not_available" in answer:
                continue
            children[name] = child
            warm_up = answer.pop("warm_up")
            if name not in PRODUCTS:
                warm_ups[name] = warm_up
        if len(warm_ups) > 1:
            parity.check(configuration, warm_ups)
        for i in range(rounds):
            # Caches and clocks remember the one before: no contender follows always the same.
            for name in random.Random(i).sample(list(children), len(children)):
                time.sleep(PAUSE)
                results[name].append(children[name].ask("round"))
        for child in children.values():
            if child.said():
                warn(f"{child.name}: {child.said()}")
    for name in children:
        record["contenders"][name] |= {
            "seconds": [answer["seconds"] for answer in results[name]],
            "peak_mb": max(answer["peak_mb"] for answer in results[name]),
            "libraries_mb": results[name][0]["libraries_mb"],
        }
    if configuration.deed == "train":
        for name in PRODUCTS:
            record["contenders"].pop(name, None)
        record["ceiling"] = ceiling({n: results[n] for n in PRODUCTS if n in children})
    return record


def environment(threads, cache):
    """Return the variables of a contender: threads of all that counts them, Inductor's cache."""
    counted = ("OMP", "OPENBLAS", "MKL", "ILLUST_GAN")
    return {
        **{f"{library}_NUM_THREADS": str(threads) for library in counted},
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
    }


def ceiling(results):
    """Return the rates of the products, GFLOP/s, as medians of the rounds, and the greatest.

    Args:
        results (dict): Answers of each round by the contender that did the products.

    Returns:
        dict: Rates of each shape by contender, layers first, the large product last; and
        ``gflops``, the greatest of them all.
    """
    rates = {
        name: [statistics.median(shape) for shape in zip(*(a["result"] for a in answers))]
        for name, answers in results.items()
    }
    return {**rates, "gflops": max(max(shapes) for shapes in rates.values())}
