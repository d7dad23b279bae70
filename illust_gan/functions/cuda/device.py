"""Which GPUs there are, and what they can do."""

import importlib.util

_INSTALL = "for a GPU: pip install '.[cuda13]' in illust-gan's folder, or '.[cuda12]'"
# Whose tensor cores round float32 to TF32 or multiply bfloat16: NVIDIA's Ampere and later.
_LEAST_CAPABILITY = {"tf32": 80, "bf16": 80, "float16": 70}


def list_gpus():
    """List the GPUs that Chainer can use.

    Returns:
        tuple: Names (list of str), and, if there is none, why (str), else None.
    """
    try:
        import cupy
    except ImportError:
        return [], f"CuPy is not installed ({_INSTALL})"
    from chainer.backends import cuda

    if not cuda.available:
        # backends/cuda.py:60 tries cuBLAS; CuPy's error, of several lines, names what it misses.
        missing = " ".join(str(cuda._resolution_error).split())
        return [], f"CuPy {cupy.__version__} lacks a library: {missing} ({_INSTALL})"
    # Chainer's `available` asks for no device.
    try:
        n = cupy.cuda.runtime.getDeviceCount()
        names = [cupy.cuda.runtime.getDeviceProperties(i)["name"].decode() for i in range(n)]
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return [], f"CuPy {cupy.__version__} finds no GPU ({error})"
    return names, None if names else f"CuPy {cupy.__version__} finds no GPU"


def why_not(precision, number=0):
    """Say why a GPU cannot multiply in a precision.

    Args:
        precision (str): ``"float32"``, ``"tf32"``, ``"float16"`` or ``"bf16"``.
        number (int): The GPU's.

    Returns:
        str: The reason, as half a sentence; None if it can.
    """
    names, why_none = list_gpus()
    if number >= len(names):
        return why_none or f"there is no GPU {number}"
    if precision == "float32":
        return None
    import cupy

    from illust_gan.functions.cuda import cudnn

    capability = int(cupy.cuda.Device(number).compute_capability)
    if capability < _LEAST_CAPABILITY[precision]:
        found, least = capability / 10, _LEAST_CAPABILITY[precision] / 10
        return f"{names[number]} has compute capability {found}, and {precision} needs {least}"
    if precision == "bf16" and importlib.util.find_spec("ml_dtypes") is None:
        return f"ml-dtypes, which has the type, is not installed ({_INSTALL})"
    return cudnn.why_not()
