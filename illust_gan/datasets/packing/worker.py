"""A process that makes squares: ``python -m illust_gan.datasets.packing.worker FD``.

Decoders are large, written in C, and fed with strangers' files here. So they run where they can
do least harm: in a process that only reads, whose memory and time are limited, and whose answers
are numbers and pixels. Its parent is :mod:`.pool`.
"""

import collections
import os
import signal
import sys
from multiprocessing.connection import Connection

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.packing import messages
from illust_gan.datasets.packing.limits import limit_memory, limited_time
from illust_gan.datasets.packing.workshop import Workshop


class _Parent:
    """The other end: hands out pictures, and answers what is asked meanwhile."""

    def __init__(self, connection):
        self._connection = connection
        self._files = collections.deque()

    def hear(self):
        return messages.receive(self._connection)[0]

    def tell(self, head, bodies=()):
        messages.send(self._connection, head, bodies)

    def next_file(self):
        return self._files.popleft() if self._files else self.hear()["file"]

    def ask(self, head, bodies=()):
        self.tell(head, bodies)
        # Pictures that were given before the answer wait.
        while "file" in (answer := self.hear()):
            self._files.append(answer["file"])
        return answer


def main(fd):
    """Do what the parent says until it is gone."""
    # The parent ends its workers; whoever signals all processes of a terminal does not mean them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence_libraries()
    parent = _Parent(Connection(fd))
    try:
        job = parent.hear()
        try:
            workshop = Workshop(job, parent.ask)
        except DatasetError as error:
            parent.tell({"error": str(error)})
            return
        parent.tell({"ready": True})
        limit_memory(job["max_pixels"])
        while True:
            file = parent.next_file()
            parent.tell(*_answer(workshop, file, job["seconds"]))
    except (EOFError, OSError):
        # The parent is gone, and with it the reason to go on.
        return


def _silence_libraries():
    """Keep what C libraries print of broken files off stderr, which tells of broken programs."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _answer(workshop, file, seconds):
    try:
        with limited_time(seconds):
            return workshop.make(file)
    except PictureError as error:
        return {"word": error.word, "reason": error.reason}, ()
    except MemoryError:
        return {"word": "memory", "reason": "it needs more memory than its size accounts for"}, ()


if __name__ == "__main__":
    main(int(sys.argv[1]))
