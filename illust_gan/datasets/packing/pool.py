"""Worker processes that may die: what kills one costs one picture, and the order stays."""

import collections
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing import connection

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.packing import messages

# A worker always has its next pictures at hand while the parent is busy. Their names must fit into
# the pipe while the worker is busy too, or each would wait for the other to read.
_AHEAD = 3
_DEATHS = {
    signal.SIGPROF: ("slow", "decoding it takes more than {seconds} seconds of computing"),
    signal.SIGKILL: ("memory", "the process that decoded it was killed, as when memory is short"),
}


class WorkerPool:
    """Processes that turn the pictures of a source into squares, several at a time.

    Each is a Python of its own, started by ``python -m`` and not forked or spawned by
    :mod:`multiprocessing`: a script needs no ``if __name__ == "__main__"``, a notebook's threads
    do not matter, and limits on memory and time hold for the decoders alone. A picture that
    brings its process down is known, because its answer is the one that is missing; a new process
    goes on with the next.

    Args:
        job (dict): What the workers are to do, as JSON; see :mod:`.worker`.
        n_workers (int): Number of processes.
        budget (int): Pixels of large pictures that may be decoded at the same time. One picture
            alone may exceed it.
        find_boxes (callable): Called here, not in the workers, with ``(file, pixels)`` when a
            worker asks for boxes; returns a list of ``(left, top, right, bottom)``.
        window (int): Results that may wait for an earlier one.

    .. note:: Use it as a context manager: leaving it ends the processes.
    """

    def __init__(self, job, n_workers, *, budget, find_boxes=None, window=256):
        self._job = job
        self._n_workers = n_workers
        self._budget = budget
        self._find_boxes = find_boxes
        self._window = window
        self._workers = {}
        self._deciding = collections.deque()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for worker in self._workers.values():
            worker.stop(patience=0)
        self._workers.clear()

    def map(self, files):
        """Yield the result of each file, in the order of the files.

        Args:
            files (sequence of str): Names of pictures in the source.

        Yields:
            tuple: The worker's answer (dict) and the byte strings that go with it. A picture that
            brought its worker down gets ``{"word": …, "reason": …}``.

        Raises:
            DatasetError: If the workers cannot do this job at all.
            RuntimeError: If a worker fails for another reason than a picture.
        """
        tasks = collections.deque(enumerate(files))
        done = {}
        wanted = 0
        while wanted < len(files):
            self._hand_out(tasks, done, wanted)
            while wanted not in done:
                for ready in connection.wait(list(self._workers)):
                    self._hear(self._workers[ready], tasks, done)
                self._hand_out(tasks, done, wanted)
            yield done.pop(wanted)
            wanted += 1

    def _hand_out(self, tasks, done, wanted):
        while len(self._workers) < min(self._n_workers, len(tasks)):
            worker = _Worker(self._job)
            self._workers[worker.connection] = worker
        for worker in sorted(self._workers.values(), key=lambda worker: len(worker.tasks)):
            while tasks and len(worker.tasks) < _AHEAD and tasks[0][0] < wanted + self._window:
                worker.give(tasks.popleft())

    def _hear(self, worker, tasks, done):
        try:
            head, bodies = messages.receive(worker.connection)
        except (EOFError, OSError):
            self._bury(worker, tasks, done)
            return
        if "error" in head:
            raise DatasetError(head["error"])
        if "large" in head:
            worker.asks = head["large"]
            self._deciding.append(worker)
        elif "shape" in head:
            worker.answer({"boxes": self._boxes(worker, head["shape"], bodies[0])})
        elif "ready" in head:
            worker.ready = True
        else:
            number, _ = worker.tasks.popleft()
            worker.granted = 0
            done[number] = head, bodies
        self._admit()

    def _boxes(self, worker, shape, body):
        pixels = np.frombuffer(body, np.uint8).reshape(shape)
        return self._find_boxes(worker.tasks[0][1], pixels)

    def _admit(self):
        """Let large pictures be decoded, first come, first served, within the budget."""
        while self._deciding:
            taken = sum(worker.granted for worker in self._workers.values())
            worker = self._deciding[0]
            if taken and taken + worker.asks > self._budget:
                return
            self._deciding.popleft()
            worker.granted = worker.asks
            worker.answer({"go": True})

    def _bury(self, worker, tasks, done):
        del self._workers[worker.connection]
        if worker in self._deciding:
            self._deciding.remove(worker)
        code, said = worker.stop()
        if code >= 0 or not (worker.ready and worker.tasks):
            raise RuntimeError(f"a packing process ended with exit code {code}:\n{said}")
        number, _ = worker.tasks.popleft()
        tasks.extendleft(reversed(worker.tasks))
        word, reason = _DEATHS.get(
            -code, ("crashed", f"decoding it ends the process ({_signal_name(-code)})")
        )
        done[number] = {"word": word, "reason": reason.format(**self._job)}, []
        self._admit()


class _Worker:
    """One process, the pictures that it has been given, and what it may take of the budget."""

    def __init__(self, job):
        self.ready = False
        self.tasks = collections.deque()
        self.granted = 0
        self.asks = 0
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - stop() closes it
        self.connection, theirs = connection.Pipe()
        # One thread each: the processes are what keeps the cores busy.
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "illust_gan.datasets.packing.worker",
                str(theirs.fileno()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **threads, "PYTHONPATH": path},
            # Ctrl-C in a terminal is for the parent, which ends them.
            start_new_session=True,
        )
        theirs.close()
        self.answer(job)

    def give(self, task):
        self.tasks.append(task)
        self.answer({"file": task[1]})

    def answer(self, head):
        # If it is dead, the next reading from it says so.
        with contextlib.suppress(OSError):
            messages.send(self.connection, head)

    def stop(self, patience=1.0):
        """End the process; return its exit code and what it said on stderr."""
        self.connection.close()
        try:
            code = self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._said.seek(0)
        said = self._said.read(10_000).decode("utf-8", "replace")
        self._said.close()
        return code, said


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
