"""``cupy._util``: a warning that Chainer asks for."""


class PerformanceWarning(RuntimeWarning):
    """Never raised here."""
