"""The least that must go through the card's memory, counted by the definition of the nets.

A map between two layers is written once and read once, and so is the gradient of each map that
someone uses. What the backward pass reads again is not counted, though a card whose cache is too
small for it has to; nor is what normalisation reads besides, or the few logits and losses. So the
count is low, and a share of a ceiling made of it is never too high.
"""

import itertools

from contest.arithmetic import CHANNELS, N_HIDDEN, N_LOGITS, SIZE

BYTES = {"float32": 4, "tf32": 4, "float16": 2, "bf16": 2}
# Parameters and what Adam keeps of them are float32 in every precision.
FLOAT32 = 4


def map_sizes(net):
    """Return the numbers in the maps of one picture: of the picture, and of each layer below it.

    The generator's maps and the discriminator's have the same sizes.

    Example:
        >>> map_sizes("rezoolab")
        (12288, [65536, 32768, 16384, 8192])
    """
    edges = [SIZE[net] >> i for i in range(1, len(CHANNELS))]
    return CHANNELS[0] * SIZE[net] ** 2, [n * e * e for n, e in zip(CHANNELS[1:], edges)]


def parameter_counts(net):
    """Return how many parameters generator and discriminator have, which training changes.

    Example:
        >>> parameter_counts("rezoolab")
        (3600707, 2766529)
    """
    _, maps = map_sizes(net)
    weights = sum(16 * a * b for a, b in itertools.pairwise(CHANNELS))
    hidden = sum(CHANNELS[1:])
    # Weights; biases; gamma and beta of each normalisation.
    top = maps[-1]
    gen = N_HIDDEN * top + weights + top + sum(CHANNELS[:-1]) + 2 * (top + hidden - CHANNELS[-1])
    dis = weights + top * N_LOGITS[net] + hidden + N_LOGITS[net] + 2 * (hidden - CHANNELS[1])
    return gen, dis


def least_bytes(deed, net, batchsize, precision):
    """Return the bytes that a deed must read and write at least.

    Args:
        deed (str): ``"generate"`` or ``"train"``.
        net (str): ``"rezoolab"`` or ``"maccha"``.
        batchsize (int): Pictures.
        precision (str): Of the maps, and of the weights as the layers read them.

    Returns:
        int: Bytes.
    """
    width = BYTES[precision]
    picture, maps = map_sizes(net)
    gen, dis = parameter_counts(net)
    if deed == "generate":
        # z, each map written and read, and the picture, which is float32 whatever the maps are.
        numbers = N_HIDDEN + 2 * sum(maps)
        return batchsize * (numbers * width + picture * FLOAT32) + gen * width
    # Forward: G(z), D of it, and D of the data set's pictures, which are read as bytes.
    forward = N_HIDDEN + 2 * (sum(maps) + picture) + 2 * 2 * sum(maps)
    # Backward: from G's loss through D to the picture and on through G; from D's loss through both
    # halves of D.
    backward = 2 * (sum(maps) + picture + sum(maps)) + 2 * 2 * sum(maps)
    # Weights forward and back; gradients written and read; weights and moments read and written.
    parameters = (gen + dis) * (2 * width + (2 + 6) * FLOAT32)
    return batchsize * ((forward + backward) * width + picture) + parameters
