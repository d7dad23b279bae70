"""cuDNN's frontend 1.26, emulated by NumPy on the memory of the emulated CuPy.

It proves nothing about speed or about cuDNN itself. See the README beside this package.
"""

from cudnn._handles import create_handle, destroy_handle, get_stream, set_stream
from cudnn._pygraph import pygraph
from cudnn._tensor import tensor
from cudnn._types import (
    behavior_note,
    build_plan_policy,
    cudnnGraphNotSupportedError,
    data_type,
    heur_mode,
    numerical_note,
    reduction_mode,
)

__version__ = "1.26.0+emulated"


def backend_version():
    """Return cuDNN's version."""
    return 92800


def backend_version_string():
    """Return cuDNN's version as text."""
    return "9.28.0"
