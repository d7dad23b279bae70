"""Contenders as child processes that work one after another."""

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import click

FOLDER = Path(__file__).parents[1] / "cpu_contenders"


class Child:
    """One contender in a process which lives as long as the configuration.

    Args:
        python (path): Interpreter of the contender's environment.
        name (str): Its module in ``cpu_contenders/``.
        threads (int): For OpenMP, OpenBLAS and this project's own.
        cache (path): Where Inductor keeps what it has compiled.
    """

    def __init__(self, python, name, threads, cache):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ILLUST_GAN_")}
        for variable in ("OMP", "OPENBLAS", "MKL", "ILLUST_GAN"):
            environment[f"{variable}_NUM_THREADS"] = str(threads)
        environment["TORCHINDUCTOR_CACHE_DIR"] = str(cache)
        self.process = subprocess.Popen(
            [python, FOLDER / "child.py", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment,
        )

    def ask(self, request):
        """Send a line, wait for the answer, and return it."""
        # The answer of a process that has ended is empty.
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            code = self.process.wait()
            raise click.ClickException(
                f"the contender {self.name} ended with code {code}. Its last words:\n"
                f"{self.said()[-2000:]}"
            )
        return json.loads(answer)

    def said(self):
        """Return what it wrote on the standard error so far."""
        self.errors.seek(0)
        return self.errors.read().strip()

    def close(self):
        """Let it end; its memory is free afterwards."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
