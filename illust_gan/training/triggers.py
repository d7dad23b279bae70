"""When a run ends, and when its state is saved."""

from chainer.training import get_trigger


class StopTrigger:
    """Fires when the run is long enough, or when a signal has asked it to end.

    Chainer's ``IntervalTrigger`` fires at *multiples* of its period, so a run resumed past its
    length would go on to the next multiple. This one fires from the given length on.

    Args:
        length (tuple): ``(number, "iteration")`` or ``(number, "epoch")``.
        stop_signal (illust_gan.training.extensions.StopSignal): The extension that listens for
            Ctrl-C and SIGTERM.
    """

    def __init__(self, length, stop_signal):
        self.period, self.unit = length
        self.stop_signal = stop_signal

    def __call__(self, trainer):
        return self.stop_signal.stopping or self.reached(trainer)

    def reached(self, trainer):
        """Return whether the run has its full length."""
        updater = trainer.updater
        done = updater.iteration if self.unit == "iteration" else updater.epoch_detail
        return done >= self.period

    def get_training_length(self):
        """Return the length, as Chainer's ProgressBar asks for it."""
        return self.period, self.unit


class IntervalOrEnd:
    """Fires at each interval, and at the run's last iteration.

    Args:
        interval: As Chainer's ``get_trigger`` takes it, such as ``(100, "iteration")``.
        stop_trigger (callable): The run's :class:`StopTrigger`, for an end of any kind, or its
            ``reached``, for the end at full length only.
    """

    def __init__(self, interval, stop_trigger):
        self.interval = get_trigger(interval)
        self.stop_trigger = stop_trigger

    def __call__(self, trainer):
        # The interval counts calls, so it must be asked at each iteration, also at the last.
        due = self.interval(trainer)
        return due or self.stop_trigger(trainer)

    def serialize(self, serializer):
        """Serialize what the interval remembers."""
        self.interval.serialize(serializer)
