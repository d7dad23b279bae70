"""What PyTorch's deeds share: precision, compilation, capture, and what they take."""

import contextlib

import torch
import torch._dynamo.config
from contest.pipe import UnavailableError

VERSION = f"PyTorch {torch.__version__}"
if torch.version.cuda:
    VERSION += f", CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"


class Deed:
    """Something that PyTorch does over and over on one device.

    Subclasses have ``work()``, which is what is captured where ``job["graph"]`` says so.

    Args:
        job (dict): See ``child.py``.
    """

    def __init__(self, job):
        self.job = job
        self.on_card = job["device"] == "cuda"
        if self.on_card and not torch.cuda.is_available():
            raise UnavailableError(f"PyTorch {torch.__version__} finds no GPU")
        self.device = torch.device(job["device"])
        # Convolutions have TF32 by default, products of matrices have not.
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
        self.graph = None

    def compiled(self, function):
        """Return a function as the contender runs it."""
        mode = self.job["compile"]
        # A rehearsal compiles nothing.
        if mode is None or not self.on_card:
            return function
        if not hasattr(torch._dynamo.config, "trace_autograd_ops"):
            raise UnavailableError(
                f"PyTorch {torch.__version__} cannot compile torch.autograd.grad; 2.11 can"
            )
        torch._dynamo.config.trace_autograd_ops = True
        return torch.compile(function, fullgraph=True, dynamic=False, mode=mode)

    def autocast(self):
        """Return the context in which the nets compute."""
        if self.job["precision"] != "bf16":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def warm_up(self):
        """Compile, choose algorithms, and capture ``work()`` as a graph where that is asked."""
        if not self.on_card:
            return
        default = torch.cuda.current_stream()
        # https://docs.pytorch.org/docs/stable/notes/cuda.html: what is captured is warmed up on
        # another stream. cuBLAS has a workspace for each stream, and others need but one.
        stream = torch.cuda.Stream() if self.job["graph"] else default
        stream.wait_stream(default)
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.run()
        default.wait_stream(stream)
        if self.job["graph"]:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=stream):
                self.work()
            self.graph = graph
        torch.cuda.synchronize()
        # Neither what compilation nor what the warm-up took is counted.
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()

    def run(self):
        """Do ``work()``, or replay it."""
        if self.graph is not None:
            self.graph.replay()
        else:
            if self.on_card and self.job["compile"]:
                torch.compiler.cudagraph_mark_step_begin()
            self.work()

    def replayed(self):
        """Return None: ``check()`` goes the way that is timed."""

    def synchronize(self):
        """Wait for the device."""
        if self.on_card:
            torch.cuda.synchronize()

    def memory(self):
        """Return PyTorch's own count, in megabytes."""
        if not self.on_card:
            return {}
        return {
            "reserved_mb": torch.cuda.max_memory_reserved() / 1e6,
            "in_use_mb": torch.cuda.max_memory_allocated() / 1e6,
        }

    def kernels(self):
        """Return how many kernels a step launches, as CUPTI sees them, also within a graph."""
        if not self.on_card:
            return None
        activities = torch.profiler.ProfilerActivity
        with torch.profiler.profile(activities=[activities.CPU, activities.CUDA]) as profile:
            self.step()
            self.synchronize()
        # Optimisers and Inductor mark their spans, which are seen on the device as well.
        names = [
            event.name
            for event in profile.events()
            if event.device_type == torch.autograd.DeviceType.CUDA and not event.is_user_annotation
        ]
        return sum(not name.startswith(("Memcpy", "Memset")) for name in names) or None
