"""A run is one folder, which holds all that it takes to know and to continue it."""

import json
import os
import re

from illust_gan.errors import UserError
from illust_gan.files import remove_parts, replacing
from illust_gan.serializers.snapshots import list_snapshots, why_broken


class RunError(UserError):
    """A run's folder is not as it should be; the message says what is there and what to do."""


class RunFolder:
    """The folder of one run: ``options.json``, ``log``, ``loss.png``, ``sheets/``, snapshots.

    Args:
        path (str or os.PathLike): Its path; it need not exist yet.
    """

    def __init__(self, path):
        self.path = os.fspath(path)

    @classmethod
    def numbered(cls, parent, name):
        """Return the next free folder under ``parent``, such as ``results/003-rezoolab``."""
        names = os.listdir(parent) if os.path.isdir(parent) else []
        taken = [int(match[1]) for match in map(re.compile(r"(\d{3,})-").match, names) if match]
        return cls(os.path.join(parent, f"{max(taken, default=-1) + 1:03d}-{name}"))

    @property
    def options_path(self):
        """Path of the file that holds the run's options."""
        return os.path.join(self.path, "options.json")

    def holds_run(self):
        """Return whether a run has begun here."""
        return os.path.isfile(self.options_path)

    def check_free(self):
        """Raise :class:`RunError` if the folder holds another run, or is no folder."""
        if os.path.exists(self.path) and not os.path.isdir(self.path):
            raise RunError(f"--out {self.path} is a file; give the name of a folder for the run")
        if os.path.isdir(self.path):
            runs = sorted(
                name
                for name in os.listdir(self.path)
                if name in ("options.json", "log") or name.startswith("snapshot_iter_")
            )
            if runs:
                raise RunError(
                    f"--out {self.path} holds another run ({', '.join(runs[:3])}); give another "
                    "folder, or go on with that run by adding --resume"
                )

    def save_options(self, options):
        """Write the run's options, in place of those that are there, and make the folder.

        Args:
            options (dict): Anything that JSON can hold.
        """
        os.makedirs(self.path, exist_ok=True)
        with replacing(self.options_path) as f:
            f.write(json.dumps(options, indent=2, ensure_ascii=False).encode() + b"\n")

    def load_options(self):
        """Read the run's options.

        Returns:
            dict: As given to :meth:`save_options`.

        Raises:
            RunError: If there are none, or they cannot be read.
        """
        try:
            with open(self.options_path, encoding="utf-8") as f:
                options = json.load(f)
        except FileNotFoundError:
            raise RunError(
                f"{self.path} holds no run: {self.options_path} is missing; "
                "give the folder of a run with --out, or leave --resume away to begin one"
            ) from None
        except ValueError as error:
            raise RunError(
                f"{self.options_path} is no JSON ({error}); mend it, or begin a new run"
            ) from error
        if not isinstance(options, dict):
            raise RunError(f"{self.options_path} holds no options; mend it, or begin a new run")
        return options

    def newest_whole_snapshot(self):
        """Find the snapshot with the highest iteration of those that can be read to their end.

        Returns:
            tuple: Its path, and the broken ones after it: name → what is wrong (dict of str).

        Raises:
            RunError: If there is none.
        """
        broken = {}
        for path in reversed(list_snapshots(self.path).values()):
            why = why_broken(path)
            if why is None:
                return path, broken
            broken[os.path.basename(path)] = why
        if not broken:
            raise RunError(
                f"{self.path} holds no snapshot_iter_N to resume from; "
                "give one with --resume FILE, or begin a new run in another folder"
            )
        faults = [f"{name} ({why})" for name, why in broken.items()]
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise RunError(
            f"{self.path} holds no whole snapshot to resume from: {', '.join(faults[:3])}{more}; "
            "give another with --resume FILE, or begin a new run in another folder"
        )

    def remove_parts(self):
        """Remove the unfinished files that a killed run left here, and nothing else."""
        remove_parts(self.path, r"options\.json|snapshot_iter_\d+|generator\.npz")
        remove_parts(os.path.join(self.path, "sheets"), r"iter_\d+\.png")

    def set_aside_after(self, iteration):
        """Move snapshots of later iterations into a folder below, ``set_aside/000-after-N``.

        A run that goes on from an older snapshot takes another way from there; the newest
        snapshot must not be one of the way it has left.

        Args:
            iteration (int): Where the run goes on.

        Returns:
            tuple: Names of the snapshots (list of str), and the path of the folder.
        """
        later = [path for n, path in list_snapshots(self.path).items() if n > iteration]
        aside = self.numbered(os.path.join(self.path, "set_aside"), f"after-{iteration}").path
        names = [os.path.basename(path) for path in later]
        for path, name in zip(later, names):
            os.makedirs(aside, exist_ok=True)
            os.rename(path, os.path.join(aside, name))
        return names, aside
