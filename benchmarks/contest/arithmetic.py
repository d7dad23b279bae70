"""How much arithmetic a deed takes, counted directly: two operations for each weight and place."""

import itertools

CHANNELS = (3, 64, 128, 256, 512)
SIZE = {"rezoolab": 64, "maccha": 96}
N_LOGITS = {"rezoolab": 1, "maccha": 2}
N_HIDDEN = 100


def gflop(deed, net, batchsize):
    """Return the GFLOP of a deed's products, by the plain definition of each layer.

    Whatever computes the same with fewer multiplications is counted like everything else, so
    that a share of the machine's ceiling by this count can exceed 1. Normalisation, activations,
    losses and Adam are not counted.

    Args:
        deed (str): ``"generate"``: G forward; or ``"train"``: G forward, D forward for generated
            pictures and for those of the data set, the gradients of the generated pictures, of
            G's parameters, and of D's parameters from both halves of its loss. A gradient which
            no one uses (the data set's pictures', z's) is not counted.
        net (str): ``"rezoolab"`` or ``"maccha"``.
        batchsize (int): Pictures.

    Returns:
        float: Billions of multiplications and additions.

    Example:
        >>> round(gflop("generate", "rezoolab", 64), 2), round(gflop("train", "rezoolab", 64), 1)
        (13.39, 132.3)
    """
    edge = SIZE[net]
    convolutions = []
    for n_in, n_out in itertools.pairwise(CHANNELS):
        edge //= 2
        convolutions.append(2 * edge * edge * 4 * 4 * n_in * n_out)
    top = 512 * edge * edge
    first, last = 2 * N_HIDDEN * top, 2 * top * N_LOGITS[net]
    gen = sum(convolutions) + first
    dis = sum(convolutions) + last
    if deed == "generate":
        work = gen
    else:
        forward = gen + 2 * dis
        generator = dis + gen + (gen - first)
        discriminator = 2 * (dis + dis - convolutions[0])
        work = forward + generator + discriminator
    return batchsize * work / 1e9
