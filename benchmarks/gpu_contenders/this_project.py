"""This project on CuPy arrays, and stock Chainer on them, by the same names.

``ILLUST_GAN_FAST=0`` in its environment makes it stock Chainer, whose imports are mended and
nothing else: im2col, cuBLAS and CuPy's small kernels.
"""

import illust_gan  # first: it makes the import of Chainer work
import chainer
import numpy as np
from contest.pipe import UnavailableError
from this_projects_generation import Generation
from this_projects_training import Training

VERSION = f"illust-gan {illust_gan.__version__}, Chainer {chainer.__version__}"


def make(job):
    """Return the deed of a job.

    The precision stays set: building, training and drawing are all that this process does.
    """
    global VERSION
    if job["device"] == "cuda":
        VERSION += f", {libraries()}"
        device = chainer.get_device("@cupy:0")
    else:
        VERSION += f", NumPy {np.__version__}"
        device = chainer.get_device("@numpy")
    if job["device"] == "cuda" and illust_gan.config.fast:
        try:
            illust_gan.config.precision = job["precision"]
        except illust_gan.UserError as error:
            raise UnavailableError(str(error)) from error
    device.use()
    return (Training if job["deed"] == "train" else Generation)(job, device)


def libraries():
    """Return the versions of CuPy and of what it brings, for a device that is there."""
    try:
        import cupy
    except ImportError as error:
        raise UnavailableError(f"there is no CuPy ({error}); pip install .[cuda13]") from error
    if not cupy.cuda.is_available():
        raise UnavailableError(f"CuPy {cupy.__version__} finds no GPU")
    number = cupy.cuda.runtime.runtimeGetVersion()
    words = f"CuPy {cupy.__version__}, CUDA {number // 1000}.{number % 1000 // 10}"
    try:
        import cudnn
    except (ImportError, OSError, RuntimeError):
        # doctor says what is wrong with it; stock Chainer does without.
        return words
    return f"{words}, cuDNN {cudnn.backend_version()}"
