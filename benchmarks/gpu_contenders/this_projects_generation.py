"""Generation by this project's public names."""

import chainer
from cupy_counts import memory, synchronize
from gpu_benchmark.minibatch import given
from illust_gan.nets import RECIPES


class Generation:
    """Float32 pictures on the device, from z that is there, in test mode.

    Args:
        job (dict): See ``child.py``.
        device (chainer.backend.Device): Where.
    """

    def __init__(self, job, device):
        self.device = device
        self.gen = RECIPES[job["net"]].Generator(eps=job["eps"])
        chainer.serializers.load_npz(job["gen"], self.gen)
        self.gen.to_device(device)
        self.z = device.send(given(job)[0])

    def check(self):
        """Return the pictures."""
        self.step()
        return chainer.get_device("@numpy").send(self.pictures)

    def replayed(self):
        """Return None: ``check()`` goes the way that is timed."""

    def step(self):
        """Draw the pictures."""
        with chainer.using_config("train", False), chainer.no_backprop_mode():
            pictures = self.gen(self.z).array
        self.pictures = pictures.astype("float32", copy=False)

    def synchronize(self):
        """Wait for the device."""
        synchronize(self.device)

    def memory(self):
        """Return CuPy's own count, in megabytes."""
        return memory(self.device)

    def kernels(self):
        """Return None: without a graph they are not counted."""
