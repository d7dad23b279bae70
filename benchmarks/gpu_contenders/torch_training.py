"""A train step in PyTorch, as one writes it there to be fast on a GPU.

Maps and weights lie channels-last, Adam is fused, and one D(G(z)) serves both losses. Compiled, the
whole of both nets' forward and backward passes is one function, so that Inductor sees which
gradients no one uses.
"""

import numpy as np
import torch
import torch._dynamo
from contest.torch_losses import LOSSES
from contest.torch_nets import make_discriminator, make_generator
from torch_device import VERSION, Deed
from gpu_benchmark.minibatch import given

__all__ = ["VERSION", "make"]


def make(job):
    """Return the train step of a job."""
    return Training(job)


class Training(Deed):
    """One iteration: both nets learn from one minibatch."""

    def __init__(self, job):
        super().__init__(job)
        nets = (make_generator(job), make_discriminator(job))
        self.gen, self.dis = (
            net.to(self.device, memory_format=torch.channels_last) for net in nets
        )
        self.params = [list(net.parameters()) for net in (self.gen, self.dis)]
        self.optimizers = [
            torch.optim.Adam(
                params,
                lr=job["alpha"],
                betas=(job["beta1"], 0.999),
                weight_decay=job["weight_decay"],
                fused=True,
                capturable=self.on_card,
            )
            for params in self.params
        ]
        self.losses = LOSSES[job["net"]]
        self._load_pictures()
        self.differentiate = self.compiled(self._differentiate)
        beginning = [p.detach().clone() for params in self.params for p in params]
        self.warm_up()
        self._begin_anew(beginning)

    def _load_pictures(self):
        n, device = self.job["batchsize"], self.device
        pictures = np.load(self.job["pictures"], mmap_mode="r")
        self.pixels = torch.from_numpy(np.array(pictures)).to(device)
        self.order = torch.randperm(len(self.pixels), device=device)
        self.position = 0
        self.z = torch.zeros(n, self.job["n_hidden"], device=device)
        self.indexes = torch.zeros(n, dtype=torch.long, device=device)
        self.flips = torch.zeros(n, dtype=torch.bool, device=device)
        if self.on_card and self.job["compile"]:
            # Else Inductor's graphs would copy the whole data set before each replay.
            for tensor in (self.pixels, self.z, self.indexes, self.flips):
                torch._dynamo.mark_static_address(tensor)

    def _begin_anew(self, beginning):
        """Undo the iterations of the warm-up, in place, since a graph keeps addresses."""
        with torch.no_grad():
            params = [p for params in self.params for p in params]
            for param, value in zip(params, beginning):
                param.copy_(value)
            for optimizer in self.optimizers:
                for state in optimizer.state.values():
                    for tensor in state.values():
                        tensor.zero_()

    def check(self):
        """Return both losses of two iterations on the given minibatch."""
        z, indexes = given(self.job)
        self.z.copy_(torch.from_numpy(z))
        self.indexes.copy_(torch.from_numpy(indexes))
        self.flips.zero_()
        losses = []
        for _ in range(2):
            self.run()
            losses.append([loss.item() for loss in self.last_losses])
        return losses

    def step(self):
        """Draw a minibatch and learn from it.

        What is drawn goes into tensors that stay where they are. These small launches are over
        before the step before has ended, so that they cost no time of their own.
        """
        n = self.job["batchsize"]
        self.z.uniform_(-1, 1)
        if self.job["mirror"]:
            self.flips.random_(2)
        if self.position + n > len(self.order):
            self.position = 0
            torch.randperm(len(self.order), out=self.order)
        self.indexes.copy_(self.order[self.position : self.position + n])
        self.position += n
        self.run()

    def work(self):
        """Learn from the minibatch that is there."""
        losses, gradients = self.differentiate(self.z, self.pixels, self.indexes, self.flips)
        for params, grads, optimizer in zip(self.params, gradients, self.optimizers):
            for param, grad in zip(params, grads):
                param.grad = grad
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.last_losses = losses

    def _differentiate(self, z, pixels, indexes, flips):
        """Return both losses, and the gradients of G's and of D's parameters."""
        x_real = self._take(pixels, indexes, flips)
        with self.autocast():
            x_fake = self.gen(z)
            # A leaf of its own cuts D's graph from G's.
            judged = x_fake.detach().requires_grad_()
            y_fake, y_real = self.dis(judged).float(), self.dis(x_real).float()
        loss_gen, loss_dis = self.losses(y_fake, y_real)
        # Each call takes the gradients that it names and no others: neither D's weights from G's
        # loss, nor the pictures from D's.
        (g_pictures,) = torch.autograd.grad(loss_gen, [judged], retain_graph=True)
        g_gen = torch.autograd.grad(x_fake, self.params[0], g_pictures)
        g_dis = torch.autograd.grad(loss_dis, self.params[1])
        return (loss_gen.detach(), loss_dis.detach()), (g_gen, g_dis)

    def _take(self, pixels, indexes, flips):
        """Return the pictures of some indexes, mirrored where asked, scaled to [-1, 1]."""
        # Rows of the packed set are channels-last already.
        x = pixels.index_select(0, indexes).permute(0, 3, 1, 2)
        if self.job["mirror"]:
            x = torch.where(flips[:, None, None, None], x.flip(3), x)
        return x.to(torch.float32, memory_format=torch.channels_last).sub(128).div(128)
