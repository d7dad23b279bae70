"""Who takes part: each contender's program, environment and settings."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do the same deeds.

    Attributes:
        label (str): What tables call it.
        module (str): Its file in ``gpu_contenders/``.
        precision (str): ``"float32"``, ``"tf32"``, ``"float16"`` or ``"bf16"``.
        graph (bool): Whether a whole step is captured as one CUDA graph.
        compile (str): Mode of ``torch.compile``, if any.
        environment (dict): Variables of its process.
        start (float): Guessed seconds until its first round.
    """

    label: str
    module: str = "torch_deeds"
    precision: str
    graph: bool = False
    compile: str | None = None
    environment: dict = dataclasses.field(default_factory=dict)
    start: float = 15

    @property
    def in_torch(self):
        """Whether it needs the environment with PyTorch."""
        return self.module == "torch_deeds"

    @property
    def ours(self):
        """Whether it is this project, and not stock Chainer or PyTorch."""
        return not self.in_torch and not self.environment


def _ours(precision, graph):
    label = f"illust-gan {precision}{'' if graph else ', no graph'}"
    return Contender(label=label, module="this_project", precision=precision, graph=graph, start=25)


def _torch(words, precision, **settings):
    return Contender(label=f"{words} {precision}", precision=precision, **settings)


def _all():
    for precision in ("tf32", "bf16", "float32", "float16"):
        yield f"this_project_{precision}", _ours(precision, True)
    for precision in ("tf32", "bf16"):
        yield f"torch_eager_{precision}", _torch("PyTorch", precision)
    # Inductor's code, with both Adams captured as one graph by hand, as this project captures its
    # own: no mode of torch.compile has the optimisers in its graph.
    for precision in ("bf16", "tf32"):
        words, settings = "torch.compile, one graph,", {"compile": "default", "graph": True}
        yield f"torch_graph_{precision}", _torch(words, precision, start=60, **settings)
    chainer = {"environment": {"ILLUST_GAN_FAST": "0"}, "start": 40}
    yield (
        "stock_chainer",
        Contender(label="stock Chainer", module="this_project", precision="float32", **chainer),
    )
    for precision in ("bf16", "tf32"):
        words, settings = "torch.compile, reduce-overhead,", {"compile": "reduce-overhead"}
        yield f"torch_reduce_overhead_{precision}", _torch(words, precision, start=70, **settings)
    for precision in ("bf16", "tf32"):
        words = "torch.compile, max-autotune, one graph,"
        settings = {"compile": "max-autotune-no-cudagraphs", "graph": True}
        yield f"torch_max_autotune_{precision}", _torch(words, precision, start=200, **settings)
    for precision in ("tf32", "bf16", "float32", "float16"):
        yield f"this_project_{precision}_no_graph", _ours(precision, False)


# The most important first; in this order they begin, and so have the card's memory.
CONTENDERS = dict(_all())
TORCH_COMPILE = tuple(name for name, who in CONTENDERS.items() if who.compile)
# Those without which the figures cannot be computed, one of torch.compile's among them. What is
# compared with stock Chainer is a step of the recipe's size.
CORE = ("this_project_tf32", "this_project_bf16", "torch_eager_tf32", "torch_graph_bf16")
CORE_AT_64 = (*CORE, "this_project_float32", "stock_chainer")
