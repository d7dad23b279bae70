"""Contenders as child processes that work one after another."""

import contextlib
import json
import os
import select
import subprocess
import tempfile
from pathlib import Path

import click

BENCHMARKS = Path(__file__).parents[1]


class ContenderError(click.ClickException):
    """A contender ended, or did not answer; the message has its last words."""


class Child:
    """One contender in a process which lives as long as the configuration.

    Args:
        name (str): The contender's.
        command (list): The program which waits for requests and answers them, with its arguments.
        environment (dict): Variables on top of this process's; of those that begin with
            ``ILLUST_GAN_`` it has these alone.
    """

    def __init__(self, name, command, environment):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ILLUST_GAN_")}
        # It imports what both benchmarks have in common.
        paths = [str(BENCHMARKS), *filter(None, [inherited.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=inherited | {"PYTHONPATH": os.pathsep.join(paths)} | environment,
        )

    def ask(self, request, seconds=None):
        """Send a line, wait for the answer, and return it.

        Args:
            request: Anything that JSON can hold.
            seconds (float): How long to wait; for ever if omitted.

        Raises:
            ContenderError: If it ends instead, or does not answer in time.
        """
        # The answer of a process that has ended is empty.
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=self.process.stdin, flush=True)
        # Nothing is buffered here: each request has one line for an answer.
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise ContenderError(
                f"the contender {self.name} has not answered for {seconds:.0f} s. "
                f"Its last words:\n{self.said()[-2000:]}"
            )
        answer = self.process.stdout.readline()
        if not answer:
            code = self.process.wait()
            raise ContenderError(
                f"the contender {self.name} ended with code {code}. Its last words:\n"
                f"{self.said()[-2000:]}"
            )
        return json.loads(answer)

    def said(self):
        """Return what it wrote on the standard error so far."""
        self.errors.seek(0)
        return self.errors.read().strip()

    def close(self, seconds=10):
        """Let it end, and end it if it takes longer; its memory is free afterwards."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
