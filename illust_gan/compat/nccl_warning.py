"""training/updaters/multiprocess_parallel_updater.py:15 tries NCCL at every import of Chainer.

CuPy 14 answers with several lines of warning where the library is missing, as it is after
``pip install 'cupy-cuda13x[ctk]'``. Only those who train on several GPUs miss it, and Chainer
tells them itself when they do.
"""

import contextlib
import warnings

WHERE = "chainer.training.updaters.multiprocess_parallel_updater"
WHAT = "training/updaters/multiprocess_parallel_updater.py:15 warns that NCCL is missing"


@contextlib.contextmanager
def before():
    """Keep this one warning back while the module is executed."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=r"\s*nccl library could not be loaded", category=UserWarning
        )
        yield
