"""A contender's end of the pipe over which it is told to work."""

import json
import os

import numpy as np


class UnavailableError(Exception):
    """This contender cannot run here; the message says why."""


def open_answers():
    """Return a function that answers with its keyword arguments as a line of JSON.

    From then on whatever a library prints goes to the standard error, since it must not end up
    between the answers.
    """
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**what):
        print(json.dumps(what), file=pipe, flush=True)

    return answer


def summary(result):
    """Make a deed's result fit for comparison and small enough to be sent."""
    values = np.asarray(result, dtype=np.float64).ravel()
    return values[:: max(1, len(values) // 500)].tolist()
