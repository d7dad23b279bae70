"""How much arithmetic a deed takes, counted directly: two operations for each weight and place."""

import itertools

CHANNELS = (3, 64, 128, 256, 512)
# Where the generator's are others than the discriminator's.
GENERATOR_CHANNELS = {"sugyan": (3, 128, 256, 512, 1024)}
SIZE = {"rezoolab": 64, "maccha": 96, "sugyan": 64, "kim": 64}
KSIZE = {"rezoolab": 4, "maccha": 4, "sugyan": 5, "kim": 5}
N_LOGITS = {"rezoolab": 1, "maccha": 2, "sugyan": 2, "kim": 1}
# Updates of the generator after each of the discriminator, where they do not share one D(G(z)).
IN_TURN = {"kim": 2}
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
            no one uses (the data set's pictures', z's) is not counted. Of a net in
            :data:`IN_TURN`, each further update of G, and that of D, has a G(z) of its own.
        net (str): One of :data:`SIZE`.
        batchsize (int): Pictures.

    Returns:
        float: Billions of multiplications and additions.

    Example:
        >>> round(gflop("generate", "rezoolab", 64), 2), round(gflop("train", "rezoolab", 64), 1)
        (13.39, 132.3)
    """
    deconvolutions, top = _convolutions(net, GENERATOR_CHANNELS.get(net, CHANNELS))
    first = 2 * N_HIDDEN * top
    gen = sum(deconvolutions) + first
    convolutions, top = _convolutions(net, CHANNELS)
    dis = sum(convolutions) + 2 * top * N_LOGITS[net]
    if deed == "generate":
        work = gen
    else:
        forward = gen + 2 * dis
        generator = dis + gen + (gen - first)
        discriminator = 2 * (dis + dis - convolutions[0])
        work = forward + discriminator
        work += IN_TURN[net] * (gen + dis + generator) if net in IN_TURN else generator
    return batchsize * work / 1e9


def _convolutions(net, channels):
    """Return the operations of each for one picture, and how many numbers the smallest maps are."""
    edge = SIZE[net]
    operations = []
    for n_in, n_out in itertools.pairwise(channels):
        edge //= 2
        operations.append(2 * edge * edge * KSIZE[net] ** 2 * n_in * n_out)
    return operations, channels[-1] * edge * edge
