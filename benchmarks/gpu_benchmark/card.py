"""Which card it is, by the driver; this process itself never uses it."""

import ctypes
import re
import subprocess


class NoCardError(Exception):
    """There is no GPU to measure on; the message says why."""


def find():
    """Return the first card that CUDA sees: ``name``, ``memory_mb``, ``cuda``, ``uuid``.

    Raises:
        NoCardError: If there is none.
    """
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise NoCardError("NVIDIA's driver (libcuda.so.1) is not there") from None
    version, number = ctypes.c_int(), ctypes.c_int()
    # CUDA_ERROR_NO_DEVICE and its like.
    if driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(number), 0):
        raise NoCardError("NVIDIA's driver is there, but finds no GPU")
    name, uuid = ctypes.create_string_buffer(100), ctypes.create_string_buffer(16)
    memory = ctypes.c_size_t()
    driver.cuDriverGetVersion(ctypes.byref(version))
    driver.cuDeviceGetName(name, len(name), number)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), number)
    driver.cuDeviceGetUuid(uuid, number)
    return {
        "name": name.value.decode(),
        "memory_mb": memory.value / 1e6,
        "cuda": f"{version.value // 1000}.{version.value % 1000 // 10}",
        "uuid": format_uuid(uuid.raw),
    }


def format_uuid(raw):
    """Return a card's 16 bytes as nvidia-smi writes them.

    Example:
        >>> format_uuid(bytes(range(16)))
        'GPU-00010203-0405-0607-0809-0a0b0c0d0e0f'
    """
    digits = raw.hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "GPU-" + "-".join(parts)


def slug(name):
    """Return a card's name for a file's name.

    Example:
        >>> slug("NVIDIA H100 80GB HBM3")
        'h100-80gb-hbm3'
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "-".join(word for word in words if word not in ("nvidia", "geforce"))


def ask(uuid, *quantities):
    """Return what nvidia-smi says of a card, as texts by quantity.

    Args:
        uuid (str): Of :func:`find`.
        quantities (str): Names that ``nvidia-smi --help-query-gpu`` lists.

    Returns:
        dict: Without what it does not know, and empty where there is no nvidia-smi.
    """
    command = ["nvidia-smi", f"--id={uuid}", f"--query-gpu={','.join(quantities)}"]
    command.append("--format=csv,noheader,nounits")
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return {} if answer.returncode else read_answer(answer.stdout, quantities)


def read_answer(line, quantities):
    """Return the values of one line of nvidia-smi.

    Example:
        >>> read_answer("580.95, [N/A], 1980", ("driver_version", "clocks.sm", "clocks.max.sm"))
        {'driver_version': '580.95', 'clocks.max.sm': '1980'}
    """
    values = [value.strip() for value in line.strip().split(",")]
    return {name: value for name, value in zip(quantities, values) if not value.startswith("[")}


def used_mb(uuid):
    """Return the megabytes in use on a card, by all processes, or None."""
    used = ask(uuid, "memory.used").get("memory.used", "")
    # nvidia-smi counts in MiB.
    return float(used) * 2**20 / 1e6 if used.isdecimal() else None


def describe(card):
    """Return a card with what nvidia-smi knows of driver, clocks and power."""
    fixed = ("driver_version", "clocks.max.sm", "clocks.max.mem", "power.limit", "mig.mode.current")
    return {**card, **ask(card["uuid"], *fixed)}


def state(uuid):
    """Return a card's clocks, temperature and power of this moment."""
    return ask(uuid, "clocks.sm", "clocks.mem", "temperature.gpu", "power.draw")
