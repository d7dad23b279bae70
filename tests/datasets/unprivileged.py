"""Permissions that hold also where the tests run as root."""

import contextlib
import os

NOBODY = 65534


@contextlib.contextmanager
def unprivileged(folder, monkeypatch):
    """Be a user who may read what everybody may, with ``folder`` as the working directory.

    The folders above it may be root's alone: a working directory is reached without them.
    """
    folder.chmod(0o755)
    monkeypatch.chdir(folder)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
