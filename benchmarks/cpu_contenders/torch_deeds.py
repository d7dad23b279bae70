"""A train step and a generation in PyTorch, as one writes them there to be fast on a CPU.

The allocator is the system's: nothing is preloaded.
"""

import numpy as np
import torch
from contest import torch_nets, torch_nets_same
from torch_step import Step, StepInTurn
from workload import draw, make_pixels

VERSION = f"PyTorch {torch.__version__}"


def make(job, memory_format, *, compile=None, bf16=False):
    """Return the deed of a job as a callable.

    Args:
        job (dict): See ``workload.py``.
        memory_format (torch.memory_format): Of the weights and of the pictures.
        compile (callable): What the work goes through, if anything: ``torch.compile``.
        bf16 (bool): Whether to compute under autocast.
    """
    torch.set_num_threads(job["threads"])
    nets = torch_nets_same if job["net"] in torch_nets_same.GENERATORS else torch_nets
    gen = nets.make_generator(job).to(memory_format=memory_format)
    if job["deed"] == "generate":
        return make_generation(job, nets, gen, memory_format, compile, bf16)
    dis = nets.make_discriminator(job).to(memory_format=memory_format)
    pixels = make_pixels(job)
    if nets is torch_nets_same:
        pixels = np.ascontiguousarray(pixels[:, ::-1, ::-1])
    make_step = StepInTurn if job["gen_updates"] > 1 else Step
    return make_step(job, gen, dis, pixels, memory_format, compile, bf16)


def make_generation(job, nets, gen, memory_format, compile, bf16):
    gen = nets.fold_normalizations(gen).to(memory_format=memory_format)
    dtype = torch.bfloat16 if bf16 else torch.float32
    gen = gen.to(dtype)
    if compile is not None:
        gen = compile(gen)
    z = torch.from_numpy(draw(job, 0)[0])
    # A view, which takes no time: pictures that were drawn upside down are turned by it.
    upright = np.s_[..., ::-1, ::-1] if nets is torch_nets_same else ...

    @torch.inference_mode()
    def generation():
        return gen(z.to(dtype)).float().numpy()[upright]

    return generation
