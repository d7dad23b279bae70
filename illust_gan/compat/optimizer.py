"""optimizer.py:445 wants the number of updates ``t`` of each parameter.

A snapshot of Chainer 1.x holds one ``t`` for the whole optimiser and none below it: KeyError. There
every parameter was updated each time, so the one number is right for all.
"""

WHERE = "chainer.optimizer"
WHAT = "optimizer.py:445 wants each parameter's t, which snapshots of Chainer 1.x lack"


def mend(module):
    """Hand the optimiser's ``t`` down to parameters that have none."""
    from chainer import serializer as serializer_module

    class WithCount(serializer_module.Deserializer):
        """Reads what ``inner`` reads, and ``t`` from above where it is missing."""

        def __init__(self, inner, count=None):
            self.inner = inner
            self.count = count

        def __getitem__(self, key):
            return type(self)(self.inner[key], self.count)

        def __call__(self, key, value):
            if key != "t":
                return self.inner(key, value)
            try:
                self.count = self.inner(key, value)
            except KeyError:
                if self.count is None:
                    raise
            return self.count

    original = module.Optimizer.serialize

    def serialize(self, serializer):
        if isinstance(serializer, serializer_module.Deserializer):
            serializer = WithCount(serializer)
        original(self, serializer)

    serialize.__doc__ = original.__doc__
    module.Optimizer.serialize = serialize
