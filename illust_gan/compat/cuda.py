"""backends/cuda.py:124-139 leaves ``cudnn`` without a value under CuPy 14, which has no cuDNN.

The first use of a GPU then warns to reinstall CuPy (:154), which would change nothing.
"""

WHERE = "chainer.backends.cuda"
WHAT = "backends/cuda.py:124 leaves cudnn unbound under CuPy 14, :154 gives wrong advice"


def mend(module):
    """Say by None that there is no cuDNN, and keep the advice back."""
    if module.available and not module.cudnn_enabled:
        module.cudnn = getattr(module, "cudnn", None)
        module.check_cuda_available._already_warned = True
