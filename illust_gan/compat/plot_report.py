"""training/extensions/plot_report.py:193 saves the points of a plot, not when the next is due.

A resumed run begins with a trigger that has seen nothing. Chainer's IntervalTrigger then fires at
the first iteration after the snapshot, and the plot gets a point of that one iteration. LogReport
saves its trigger and the means it has begun (log_report.py:128); PlotReport does so here.
"""

import warnings

WHERE = "chainer.training.extensions.plot_report"
WHAT = "training/extensions/plot_report.py:193 does not save when the next point is due"


def mend(module):
    """Save trigger and summary under LogReport's names; read them where they are there."""
    original = module.PlotReport.serialize

    def serialize(self, serializer):
        original(self, serializer)
        parts = {"_trigger": self._trigger, "_summary": self._summary}
        for name, part in parts.items():
            if not hasattr(part, "serialize"):
                continue
            # Snapshots of an unmended Chainer hold neither. Its triggers warn of that, or raise.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                try:
                    part.serialize(serializer[name])
                except (KeyError, ValueError):
                    continue

    serialize.__doc__ = original.__doc__
    module.PlotReport.serialize = serialize
