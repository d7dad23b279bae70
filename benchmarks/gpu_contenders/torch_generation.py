"""Generation in PyTorch, with batch normalisation folded into the weights, which are cast once."""

import torch
from contest.torch_nets import fold_normalizations, make_generator
from torch_device import VERSION, Deed
from gpu_benchmark.minibatch import given

__all__ = ["VERSION", "make"]


def make(job):
    """Return the generation of a job."""
    return Generation(job)


class Generation(Deed):
    """Float32 pictures on the device, from z that is there."""

    def __init__(self, job):
        super().__init__(job)
        dtype = torch.bfloat16 if job["precision"] == "bf16" else torch.float32
        gen = fold_normalizations(make_generator(job))
        self.gen = gen.to(self.device, dtype, memory_format=torch.channels_last)
        self.z = torch.from_numpy(given(job)[0]).to(self.device, dtype)
        self.draw = self.compiled(self._draw)
        self.warm_up()

    def _draw(self, z):
        return self.gen(z).float()

    def work(self):
        """Draw the pictures."""
        with torch.inference_mode():
            self.pictures = self.draw(self.z)

    def check(self):
        """Return the pictures."""
        self.run()
        return self.pictures.cpu().numpy()

    def step(self):
        """Draw them once."""
        self.run()
