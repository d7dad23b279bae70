"""A train step and a generation in PyTorch, as one writes them there to be fast on a CPU.

The allocator is the system's: nothing is preloaded.
"""

import contextlib

import torch
from contest.torch_losses import LOSSES
from contest.torch_nets import fold_normalizations, make_discriminator, make_generator
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
    gen = make_generator(job).to(memory_format=memory_format)
    if job["deed"] == "generate":
        return make_generation(job, gen, memory_format, compile, bf16)
    dis = make_discriminator(job).to(memory_format=memory_format)
    return Step(job, gen, dis, memory_format, compile, bf16)


def make_generation(job, gen, memory_format, compile, bf16):
    gen = fold_normalizations(gen).to(memory_format=memory_format)
    dtype = torch.bfloat16 if bf16 else torch.float32
    gen = gen.to(dtype)
    if compile is not None:
        gen = compile(gen)
    z = torch.from_numpy(draw(job, 0)[0])

    @torch.inference_mode()
    def generation():
        return gen(z.to(dtype)).float().numpy()

    return generation


class Step:
    """One iteration: both nets learn from one minibatch."""

    def __init__(self, job, gen, dis, memory_format, compile, bf16):
        self.job = job
        self.gen, self.dis = gen, dis
        self.memory_format = memory_format
        self.bf16 = bf16
        self.params = [list(net.parameters()) for net in (gen, dis)]
        self.optimizers = [
            torch.optim.Adam(
                params,
                lr=job["alpha"],
                betas=(job["beta1"], 0.999),
                weight_decay=job["weight_decay"],
                fused=True,
            )
            for params in self.params
        ]
        self.losses = LOSSES[job["net"]]
        self.pixels = torch.from_numpy(make_pixels(job))
        self.iteration = 0
        self.differentiate = (
            self._differentiate if compile is None else compile(self._differentiate)
        )

    def __call__(self):
        z, flips = draw(self.job, self.iteration)
        self.iteration += 1
        flips = None if flips is None else torch.from_numpy(flips)
        losses, gradients = self.differentiate(torch.from_numpy(z), self.pixels, flips)
        for params, grads, optimizer in zip(self.params, gradients, self.optimizers):
            for param, grad in zip(params, grads):
                param.grad = grad
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return [loss.item() for loss in losses]

    def _differentiate(self, z, pixels, flips):
        """Return both losses, and the gradients of G's and of D's parameters."""
        x_real = self._scale(pixels, flips)
        with autocast(self.bf16):
            x_fake = self.gen(z)
            # One D(G(z)) serves both losses; a leaf of its own cuts D's graph from G's.
            judged = x_fake.detach().requires_grad_()
            y_fake, y_real = self.dis(judged).float(), self.dis(x_real).float()
        loss_gen, loss_dis = self.losses(y_fake, y_real)
        # Each call takes the gradients that it names and no others: neither D's weights from G's
        # loss, nor the pictures from D's.
        (g_pictures,) = torch.autograd.grad(loss_gen, [judged], retain_graph=True)
        g_gen = torch.autograd.grad(x_fake, self.params[0], g_pictures)
        g_dis = torch.autograd.grad(loss_dis, self.params[1])
        return (loss_gen.detach(), loss_dis.detach()), (g_gen, g_dis)

    def _scale(self, pixels, flips):
        x = pixels.permute(0, 3, 1, 2)
        if flips is not None:
            x = torch.where(flips[:, None, None, None], x.flip(3), x)
        return x.to(torch.float32, memory_format=self.memory_format).sub_(128).div_(128)


def autocast(bf16):
    return torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else contextlib.nullcontext()
