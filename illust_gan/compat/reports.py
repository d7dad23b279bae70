"""training/extensions/log_report.py:97 and plot_report.py:157 call ``float`` on what was reported.

NumPy 2.4 and later refuse to make a number of an array with one element that has a dimension, such
as shape (1,).
"""

WHERE = "chainer.training.extensions.log_report, plot_report"
WHAT = "training/extensions/log_report.py:97, plot_report.py:157 make float of shape (1,)"


def _float(value):
    if getattr(value, "ndim", 0) and value.size == 1:
        value = value.reshape(())
    return float(value)


def mend(module):
    """Give the module a ``float`` of its own which takes such arrays."""
    module.float = _float
