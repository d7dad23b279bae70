"""What every contender is given: the same pictures, the same z, the same mirroring.

A contender is a module of this folder with ``make(job)``. The job is a dictionary:

    deed, net, batchsize, threads   one configuration of the benchmark
    size, n_hidden, eps             of the nets
    alpha, beta1, weight_decay, mirror, gen_updates   of the recipe
    gen, dis                        Chainer's .npz files of the weights to begin with

``make`` returns a callable that does the deed once and returns its result: both losses of a train
step, the pictures of a generation. What a contender needs and does not find, it tells by raising
:class:`contest.pipe.UnavailableError`.
"""

import numpy as np
from contest.pipe import UnavailableError


def make_pixels(job):
    """Return one minibatch as a packed data set hands it out: uint8 (N, H, W, 3)."""
    shape = (job["batchsize"], job["size"], job["size"], 3)
    return np.random.RandomState(1).randint(0, 256, shape, np.uint8)


def draw(job, iteration):
    """Return z and the mirroring of one iteration, as ``illust_gan.DCGANUpdater`` draws them."""
    rng = np.random.RandomState([0, iteration])
    z = rng.uniform(-1, 1, (job["batchsize"], job["n_hidden"])).astype(np.float32)
    flips = rng.randint(2, size=job["batchsize"]).astype(bool) if job["mirror"] else None
    return z, flips


def check_bf16():
    """Raise :class:`UnavailableError` on a processor without instructions for bf16."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        flags = next((line.split() for line in f if line.startswith("flags")), [])
    if not {"avx512_bf16", "amx_bf16"} & set(flags):
        raise UnavailableError("this processor has neither AVX512-BF16 nor AMX")
