"""The matrix products by which the machine's ceiling is measured."""

import itertools
import time

from contest.arithmetic import CHANNELS, GENERATOR_CHANNELS, KSIZE

LARGE = (3072, 3072, 3072)


def shapes(job):
    """Return (m, k, n) of each convolution as one product of im2col, and of a large product.

    The rows are the pixels of the smaller map, the columns its channels; summed over are the 4×4
    or 5×5 patches of the larger map. Where the generator has more channels, they are its.
    """
    channels, edge = GENERATOR_CHANNELS.get(job["net"], CHANNELS), job["size"]
    layers = []
    for n_in, n_out in itertools.pairwise(channels):
        edge //= 2
        layers.append((job["batchsize"] * edge * edge, KSIZE[job["net"]] ** 2 * n_in, n_out))
    return [*layers, LARGE]


def make(job, ones, product):
    """Return a deed that does each product once and returns their rates in GFLOP/s.

    Args:
        job (dict): See ``workload.py``.
        ones (callable): Returns a float32 matrix, given rows and columns.
        product (callable): Called with two factors and the matrix that takes their product.
    """
    matrices = [(2 * m * k * n, ones(m, k), ones(k, n), ones(m, n)) for m, k, n in shapes(job)]

    def products():
        rates = []
        for flop, a, b, out in matrices:
            start = time.perf_counter()
            product(a, b, out)
            rates.append(flop / (time.perf_counter() - start) / 1e9)
        return rates

    return products
