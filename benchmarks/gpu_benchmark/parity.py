"""Whether a contender computes what it should before it is timed."""

import numpy as np

# The first losses and pictures differ by rounding alone: of factors to 11 significant bits in TF32
# and float16, to 8 in bf16. The second losses follow an update of both nets, in which Adam divides
# by the root of small gradients. On the CPU PyTorch's autocast to bf16 deviates by 4e-3, 9e-3 and
# 5e-3, a tenth of these bounds or more, since a minibatch of two or four deviates by more.
BOUNDS = {
    "float32": {"first losses": 1e-4, "second losses": 2e-2, "pictures": 1e-4},
    "tf32": {"first losses": 1e-2, "second losses": 5e-2, "pictures": 1e-2},
    "float16": {"first losses": 1e-2, "second losses": 5e-2, "pictures": 1e-2},
    "bf16": {"first losses": 4e-2, "second losses": 0.2, "pictures": 4e-2},
}
# With a graph and without one the kernels are the same; what chooses among equals may not be.
REPLAYED = 1e-3


def deviations(deed, result, reference):
    """Return how far a result is from the reference, by the name of what was compared.

    Args:
        deed (str): ``"train"``: both losses of two iterations; ``"generate"``: pictures.
        result, reference (list): Of the same shape.

    Returns:
        dict: Greatest deviations (float); of pictures as parts of the greatest value, and of
        losses above 1 as parts of them: after an update they may be 30.
    """
    difference = np.abs(np.subtract(result, reference))
    if deed == "generate":
        return {"pictures": float(difference.max() / np.abs(reference).max())}
    difference /= np.maximum(1, np.abs(reference))
    return {
        "first losses": float(difference[0].max()),
        "second losses": float(difference[1].max()),
    }


def compare(deed, precision, answer, reference):
    """Compare what a contender has computed before it is timed.

    Args:
        deed (str): As for :func:`deviations`.
        precision (str): Of the contender.
        answer (dict): Its ``result``, and its ``replayed`` losses, with a graph and without.
        reference (list): This project's result on the CPU, in float32.

    Returns:
        dict: ``deviations``; and ``failed``, with the reason, if one is more than rounding.
    """
    found = deviations(deed, answer["result"], reference)
    failed = [
        f"its {what} deviate by {deviation:.1e} from this project's on the CPU, more than "
        f"{BOUNDS[precision][what]:.0e}"
        for what, deviation in found.items()
        # Not the other way round, for NaN.
        if not deviation <= BOUNDS[precision][what]
    ]
    if answer["replayed"]:
        with_graph, without = np.array(answer["replayed"])
        difference = (np.abs(with_graph - without) / np.maximum(1, np.abs(without))).max(axis=1)
        first, later = float(difference[0]), float(difference.max())
        found |= {"first losses replayed": first, "later losses replayed": later}
        if not first <= REPLAYED or not later <= BOUNDS[precision]["second losses"]:
            failed.append(
                f"its losses with a graph deviate from those without by {first:.1e} at first and "
                f"{later:.1e} later"
            )
    return {"deviations": found, **({"failed": "; ".join(failed)} if failed else {})}
