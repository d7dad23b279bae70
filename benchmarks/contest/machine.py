"""What the machine and the package are."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe():
    """Return the machine: ``processor``, ``cores``, ``memory_gb``, ``kernel``, ``allocator``."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        names = [line.partition(":")[2].strip() for line in f if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "kernel": platform.release(),
        "allocator": os.environ.get("LD_PRELOAD") or "the system's, nothing preloaded",
    }


def slug(machine):
    """Return a machine's name for a file's name.

    Example:
        >>> slug({"processor": "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "cores": 16})
        'xeon-platinum-8481c-16-cores'
    """
    name = re.sub(r"@.*|\((r|tm)\)", "", machine["processor"].lower())
    words = re.findall(r"[a-z0-9.]+", name)
    makers = {"amd", "intel", "cpu", "processor"}
    return "-".join([*(word for word in words if word not in makers), f"{machine['cores']}-cores"])


def commit():
    """Return the package's commit, with a + if files differ from it; "" outside a repository."""
    git = ["git", "-C", Path(__file__).parent]
    found = [
        subprocess.run([*git, *arguments], capture_output=True, text=True).stdout.strip()
        for arguments in (
            ["rev-parse", "--short", "HEAD"],
            ["status", "--porcelain", "--untracked-files=no"],
        )
    ]
    return found[0] + ("+" if found[1] else "")
