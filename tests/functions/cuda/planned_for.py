"""cuDNN's plans for GPUs that are not there.

cuDNN plans by what it is told about a device, and asks the driver for hardly anything: in place of
that, ``libcuda.c`` will do. It proves that there are plans, and which; not that they run.

As a program, it reads sums from its standard input, and writes their plans::

    python -m tests.functions.cuda.planned_for libcuda.so.1 H100 <sums.json >plans.json
"""

import contextlib
import ctypes
import dataclasses
import importlib.util
import json
import pathlib
import subprocess
import sys
import sysconfig

# What cudaGetDeviceProperties says of them; only some of it matters.
_ALL = {
    "maxGridSize": [2147483647, 65535, 65535],
    "maxBlockSize": [1024, 1024, 64],
    "cudaDeviceId": 0,
    "driverVer": 13000,
    "isTccDriver": 0,
    "maxRegistersPerSM": 65536,
    "maxSharedMemoryPerBlock": 49152,
    "maxThreadsPerBlock": 1024,
    "memClockRateKHz": 2619000,
    "memoryBusWidth": 5120,
    "pciDeviceId": 0,
    "regsPerBlock": 65536,
    "reservedSharedMemoryPerBlock": 1024,
    "smClockRateKHz": 1980000,
    "smCountOrigin": 0,
    "supportCoopLaunch": 1,
    "warpSize": 32,
}
GPUS = {
    "H100": _ALL
    | {
        "deviceName": "NVIDIA H100 80GB HBM3",
        "deviceVer": 900,
        "multiProcessorCount": 132,
        "l2CacheSize": 52428800,
        "maxCtasPerSM": 32,
        "maxThreadsPerSM": 2048,
        "maxSharedMemoryPerBlockOptin": 232448,
        "clusterLaunch": 1,
        "totalGlobalMem": 85029158912,
    },
    "A100": _ALL
    | {
        "deviceName": "NVIDIA A100-SXM4-80GB",
        "deviceVer": 800,
        "multiProcessorCount": 108,
        "l2CacheSize": 41943040,
        "maxCtasPerSM": 32,
        "maxThreadsPerSM": 2048,
        "maxSharedMemoryPerBlockOptin": 166912,
        "clusterLaunch": 0,
        "totalGlobalMem": 84987740160,
    },
    "T4": _ALL
    | {
        "deviceName": "Tesla T4",
        "deviceVer": 750,
        "multiProcessorCount": 40,
        "l2CacheSize": 4194304,
        "maxCtasPerSM": 16,
        "maxThreadsPerSM": 1024,
        "maxSharedMemoryPerBlockOptin": 65536,
        "clusterLaunch": 0,
        "totalGlobalMem": 15828320256,
    },
}


def why_not():
    """Say why cuDNN cannot plan here; None if it can."""
    spec = importlib.util.find_spec("cudnn")
    if spec is None or spec.origin is None:
        return "nvidia-cudnn-frontend is not installed"
    if not list(pathlib.Path(spec.origin).parent.glob("_compiled_module*")):
        return "cudnn is an emulation"
    if not list(_nvidia().glob("cudnn/lib/libcudnn.so*")):
        return "cuDNN itself is not installed as a package for Python"
    return None


def plans_for(gpu, sums, libcuda):
    """Return the plans of cuDNN, by a process of its own.

    Args:
        gpu (str): One of :data:`GPUS`.
        sums (list of illust_gan.functions.cuda.plans.Convolution): What is to be planned.
        libcuda (pathlib.Path): ``libcuda.c``, compiled, with ``libcuda.so.1`` as its name within.

    Returns:
        list of dict: For each sum the ``engine`` and the ``workspace`` of its plan, and the
        ``notes`` of the engine; or an ``error``.
    """
    program = subprocess.run(
        [sys.executable, "-m", "tests.functions.cuda.planned_for", str(libcuda), gpu],
        input=json.dumps([dataclasses.asdict(one) for one in sums]),
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert program.returncode == 0, program.stderr[-2000:]
    return json.loads(program.stdout.splitlines()[-1])


def main():
    from illust_gan.functions.cuda.plans import Convolution

    # Before anything of cuDNN's, and for all of it to see.
    ctypes.CDLL(sys.argv[1], ctypes.RTLD_GLOBAL)
    for pattern in ("*/lib/libnvrtc.so.*", "*/lib/libcudart.so.*"):
        for path in _nvidia().glob(pattern):
            ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)
    import cudnn

    gpu = GPUS[sys.argv[2]]
    where = {
        "device_property": cudnn.create_device_properties(json.dumps(gpu)),
        "sm_version": gpu["deviceVer"] // 10,
    }
    most = gpu["totalGlobalMem"] // 8
    sums = [
        Convolution(**{k: tuple(v) if isinstance(v, list) else v for k, v in one.items()})
        for one in json.load(sys.stdin)
    ]
    print(json.dumps([_plan(one, most, where) for one in sums]))


def _plan(convolution, most, where):
    import cudnn

    from illust_gan.functions.cuda import plans

    try:
        graph = plans.propose(convolution, most, **where)
    except (cudnn.cudnnGraphNotSupportedError, RuntimeError, ValueError) as error:
        return {"error": str(error)[:500]}
    index = next(plans.built_plans(graph), None)
    if index is None:
        return {"error": "none can be built"}
    return {
        "engine": graph.get_plan_name_at_index(index).partition("_")[0],
        "workspace": graph.get_workspace_size_plan_at_index(index),
        "notes": [
            name
            for name in ("NONDETERMINISTIC", "TENSOR_CORE", "DOWN_CONVERT_INPUTS")
            if _has_note(convolution, index, getattr(cudnn.numerical_note, name), where)
        ],
    }


def _has_note(convolution, index, note, where):
    """Return whether a plan can be built, but not where those with a note are left out."""
    return _can_be_built(convolution, index, [], where) and not _can_be_built(
        convolution, index, [note], where
    )


def _can_be_built(convolution, index, left_out, where):
    import cudnn

    from illust_gan.functions.cuda import plans

    graph = plans.propose_all(convolution, **where)
    graph.deselect_numeric_notes(left_out)
    with contextlib.suppress(cudnn.cudnnGraphNotSupportedError):
        graph.build_plan_at_index(index)
        return True
    return False


def _nvidia():
    return pathlib.Path(sysconfig.get_path("purelib")) / "nvidia"


if __name__ == "__main__":
    main()
