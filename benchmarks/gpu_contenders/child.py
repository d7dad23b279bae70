"""One contender in a process of its own, which works when it is told to over a pipe.

    python child.py MODULE

The first line on the standard input is the job, a dictionary of

    deed, net, batchsize            one configuration of the benchmark
    size, n_hidden, eps             of the nets
    alpha, beta1, weight_decay, mirror   of the recipe
    gen, dis                        Chainer's .npz files of the weights to begin with
    pictures                        a packed data set's .npy
    device                          "cuda"; "cpu" for the reference and in a rehearsal
    precision, graph, compile       of the contender (``gpu_benchmark/contenders.py``)

It is answered when the contender has been made and has warmed up: by what it computed, or why it
is not available. Then each "round" is answered by the seconds of one step, "memory" and "kernels"
by what was counted.

A contender is a module of this folder with ``VERSION`` and ``make(job)``, which returns a deed or
raises :class:`contest.pipe.UnavailableError`. A deed has

    check()        what two iterations, or one generation, compute of ``gpu_benchmark.minibatch``
    replayed()     losses of iterations as they are timed, and of the same ones in plain steps,
                   where check() cannot go the way that is timed; else None
    step()         does the deed once, without waiting for it
    synchronize()  waits for all that was begun
    memory()       megabytes that the framework's allocator holds, and most that were in use
    kernels()      launches of kernels in one step, or None where they cannot be counted

A step draws z on the device, takes its pictures from the data set there by their indexes, and
mirrors and scales them there. (Stock Chainer draws on the host, as it was written.)
"""

import importlib
import json
import math
import sys
import time

from contest.pipe import UnavailableError, open_answers, summary
from gpu_benchmark.minibatch import distinct

ROUND_SECONDS = 0.25
WARM_UPS = 5


class Clock:
    """Times steps, so many in a round that the wait at its end does not count."""

    def __init__(self, deed):
        self.deed = deed
        self.n = 1

    def time(self):
        """Return the seconds of one step and of how many it is the mean."""
        while True:
            self.deed.synchronize()
            start = time.perf_counter()
            for _ in range(self.n):
                self.deed.step()
            self.deed.synchronize()
            seconds = time.perf_counter() - start
            if seconds >= 0.8 * ROUND_SECONDS:
                return seconds / self.n, self.n
            # A first guess by few steps may be off by far.
            self.n = min(10 * self.n, math.ceil(self.n * ROUND_SECONDS / seconds))


def first_results(job, deed):
    """Return what a deed computes of the given minibatch, without the repetitions in it."""
    result = deed.check()
    if job["deed"] == "generate":
        return summary(result[: distinct(job["batchsize"])])
    return [summary(losses) for losses in result]


def main(name, requests, answer):
    """Answer the requests."""
    contender = importlib.import_module(name)
    job = json.loads(requests.readline())
    try:
        deed = contender.make(job)
    except UnavailableError as error:
        return answer(not_available=str(error))
    result, replayed = first_results(job, deed), deed.replayed()
    for _ in range(WARM_UPS if job["device"] == "cuda" else 1):
        deed.step()
    deed.synchronize()
    answer(result=result, replayed=replayed, version=contender.VERSION)
    clock = Clock(deed)
    for request in requests:
        what = json.loads(request)
        if what == "round":
            seconds, n = clock.time()
            answer(seconds=seconds, steps=n)
        elif what == "memory":
            answer(**deed.memory())
        else:
            answer(kernels=deed.kernels())


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin, open_answers())
