"""A function of the GPU captured as a CUDA graph: its kernels are repeated without Python.

A graph holds addresses and no arrays. So all that the function allocates comes from a memory pool
which serves nothing else and lives as long as the graph: what was freed while capturing was handed
out again only to kernels that come later in the same graph.
"""

from illust_gan.functions.cuda.captured_optimizer import CapturedOptimizer, Counters
from illust_gan.functions.cuda.optimizer import counts_on_device

# Kernels are compiled and plans built when they are first used, which no capture may contain.
_WARM_UP = 2


class CaptureError(Exception):
    """A function could not be captured; the text says why."""


class StepGraph:
    """Calls a function until all it needs is there, then captures it, and launches the graph.

    Args:
        function (callable): Without arguments, works on the current stream, always on the same
            memory, and returns what stays valid from call to call.
        stream (cupy.cuda.Stream): A stream of its own.
        optimizers (list of chainer.optimizers.Adam): Those whose ``update`` the function calls.
    """

    def __init__(self, function, stream, optimizers):
        import cupy

        self.function = function
        self.stream = stream
        self.optimizers = optimizers
        self.pool = cupy.cuda.MemoryPool()
        self.graph = None
        self.n_calls = 0
        self._captured = ()

    def is_same(self):
        """Return whether the optimisers' parameters and moments lie where they were captured."""
        return all(captured.is_same() for captured in self._captured)

    def __call__(self):
        """Do the function's work once.

        Returns:
            What the function returns. Launched again, the graph writes to the same arrays.

        Raises:
            CaptureError: If it could not be captured. Nothing has been done then.
        """
        self.n_calls += 1
        if self.n_calls <= _WARM_UP:
            return self._call()
        if self.graph is None:
            self._capture()
        else:
            for captured in self._captured:
                captured.advance()
        self.graph.launch(self.stream)
        return self.outputs

    def _call(self):
        from cupy import cuda

        with self.stream, cuda.using_allocator(self.pool.malloc):
            return self.function()

    def _capture(self):
        if not all(map(counts_on_device, self.optimizers)):
            raise CaptureError(
                "an optimizer counts its steps on the host; Adam with no hooks but WeightDecay "
                "counts them on the GPU"
            )
        counters = [Counters(optimizer) for optimizer in self.optimizers]
        before = [optimizer.t for optimizer in self.optimizers]
        self.stream.begin_capture()
        try:
            # It counts the steps that its first launch will make.
            self.outputs = self._call()
            self.graph = self.stream.end_capture()
        except Exception as error:
            self._abandon()
            for one in counters:
                one.put_back()
            raise CaptureError(" ".join(f"{type(error).__name__}: {error}".split())) from error
        self._captured = [
            CapturedOptimizer(optimizer, optimizer.t - t)
            for optimizer, t in zip(self.optimizers, before)
        ]

    def _abandon(self):
        import cupy

        try:
            if self.stream.is_capturing():
                self.stream.end_capture()
        except (RuntimeError, cupy.cuda.runtime.CUDARuntimeError):
            pass  # it has been invalidated, and is ended by saying so
