"""One iteration of training in PyTorch, which takes no gradients that no one uses."""

import contextlib

import torch
from contest.torch_losses import LOSSES, LOSSES_IN_TURN
from workload import draw


class Step:
    """One iteration: both nets learn from one minibatch.

    Args:
        job (dict): See ``workload.py``.
        gen, dis (torch.nn.Module): With the weights to begin with.
        pixels (numpy.ndarray): uint8 (N, H, W, 3).
        memory_format, compile, bf16: As for ``torch_deeds.make``.
    """

    def __init__(self, job, gen, dis, pixels, memory_format, compile, bf16):
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
        self.pixels = torch.from_numpy(pixels)
        self.iteration = 0
        self._prepare(compile or (lambda function: function))

    def _prepare(self, compile):
        self.losses = LOSSES[self.job["net"]]
        self.differentiate = compile(self._differentiate)

    def __call__(self):
        z, flips = draw(self.job, self.iteration)
        self.iteration += 1
        flips = None if flips is None else torch.from_numpy(flips)
        losses = self._learn(torch.from_numpy(z), self.pixels, flips)
        return [loss.item() for loss in losses]

    def _learn(self, z, pixels, flips):
        losses, gradients = self.differentiate(z, pixels, flips)
        for which, grads in enumerate(gradients):
            self._update(which, grads)
        return losses

    def _update(self, which, grads):
        """Let G, the first, or D learn from its gradients."""
        for param, grad in zip(self.params[which], grads):
            param.grad = grad
        self.optimizers[which].step()
        self.optimizers[which].zero_grad(set_to_none=True)

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


class StepInTurn(Step):
    """One iteration in which D learns, and then G several times from the same z.

    Pictures are drawn anew each time, as they are in the original, where each drawing also moves
    the averages of G's normalisations.
    """

    def _prepare(self, compile):
        self.loss_gen, self.loss_dis = LOSSES_IN_TURN[self.job["net"]]
        self.differentiate_gen = compile(self._differentiate_gen)
        self.differentiate_dis = compile(self._differentiate_dis)

    def _learn(self, z, pixels, flips):
        loss_dis, grads = self.differentiate_dis(z, pixels, flips)
        self._update(1, grads)
        for _ in range(self.job["gen_updates"]):
            loss_gen, grads = self.differentiate_gen(z)
            self._update(0, grads)
        return loss_gen, loss_dis

    def _differentiate_dis(self, z, pixels, flips):
        x_real = self._scale(pixels, flips)
        with autocast(self.bf16):
            with torch.no_grad():
                x_fake = self.gen(z)
            y_fake, y_real = self.dis(x_fake).float(), self.dis(x_real).float()
        loss = self.loss_dis(y_fake, y_real)
        return loss.detach(), torch.autograd.grad(loss, self.params[1])

    def _differentiate_gen(self, z):
        with autocast(self.bf16):
            y_fake = self.dis(self.gen(z)).float()
        loss = self.loss_gen(y_fake)
        # Named are G's parameters, so none of D's gets a gradient.
        return loss.detach(), torch.autograd.grad(loss, self.params[0])


def autocast(bf16):
    return torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else contextlib.nullcontext()
