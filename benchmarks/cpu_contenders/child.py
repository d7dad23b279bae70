"""One contender in a process of its own, which works when it is told to over a pipe.

    python child.py NAME

The first line on the standard input is the job (see ``workload.py``), each further one asks for a
round. Each is answered by a line of JSON: the first by what the contender computed while it warmed
up, or why it is not available, the others by the seconds of one repetition. A round repeats a
short deed until it is long enough for the clock and the scheduler.
"""

import contextlib
import importlib
import json
import sys
import time

from contest.pipe import UnavailableError, open_answers, summary

ROUND_SECONDS = 0.3


def status(word):
    """Return the megabytes that the kernel reports for this process under a word."""
    with open("/proc/self/status", encoding="utf-8") as f:
        line = next(line for line in f if line.startswith(word))
    return int(line.split()[1]) * 1024 / 1e6


def forget_peak():
    """Let the kernel's VmHWM begin anew, so that compilation and first times do not count."""
    # A kernel that cannot do it counts them.
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as f:
        f.write("5")


def do_round(deed):
    """Return the seconds of one repetition, and the last one's result."""
    repetitions = 0
    start = time.perf_counter()
    while True:
        result = deed()
        repetitions += 1
        seconds = time.perf_counter() - start
        if seconds >= ROUND_SECONDS:
            return seconds / repetitions, summary(result)


def main(name, requests, answer):
    contender = importlib.import_module(name)
    job = json.loads(requests.readline())
    libraries_mb = status("VmRSS")
    try:
        deed = contender.make(job)
    except UnavailableError as error:
        return answer(not_available=str(error))
    warm_up = [summary(deed()), summary(deed())]
    answer(warm_up=warm_up, version=contender.VERSION)
    forget_peak()
    for _ in requests:
        seconds, result = do_round(deed)
        answer(seconds=seconds, result=result, peak_mb=status("VmHWM"), libraries_mb=libraries_mb)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin, open_answers())
