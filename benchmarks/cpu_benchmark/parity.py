"""Whether contenders compute the same before they are timed."""

import click
import numpy as np
from contest.arithmetic import IN_TURN

# From the same weights, rounding aside, the first losses and the pictures are the same. The later
# losses follow an update: Adam divides by the root of small gradients, whose rounding differs more,
# and PyTorch adds its eps elsewhere.
FLOAT32 = {"first losses": 1e-4, "later losses": 1e-2, "pictures": 1e-4}
BF16 = {"first losses": 5e-2, "later losses": 0.5, "pictures": 5e-2}


def deviations(configuration, warm_up, reference):
    """Return how far a contender's first results are from another's.

    Args:
        configuration (Configuration): What they did.
        warm_up, reference (list): Results of the first two repetitions.

    Returns:
        dict: Greatest deviation by the name of what was compared; that of the pictures as a part
        of the greatest value.
    """
    difference = np.abs(np.subtract(warm_up, reference))
    if configuration.deed == "generate":
        return {"pictures": float(difference.max() / np.abs(reference).max())}
    # The generator's and the discriminator's; where these learn in turn, the first of the
    # generator's follows updates of both.
    is_first = np.array([[configuration.net not in IN_TURN, True], [False, False]])
    return {
        "first losses": float(difference[is_first].max()),
        "later losses": float(difference[~is_first].max()),
    }


def check(configuration, warm_ups):
    """Refuse to time contenders that do not compute the same.

    Args:
        configuration (Configuration): What they did.
        warm_ups (dict): Results of their first two repetitions by their names; the first one's
            are the measure of the others'.

    Raises:
        click.ClickException: If one deviates by more than rounding explains.
    """
    (first, reference), *others = warm_ups.items()
    for name, warm_up in others:
        bounds = BF16 if "bf16" in name + first else FLOAT32
        for what, deviation in deviations(configuration, warm_up, reference).items():
            if not deviation <= bounds[what]:
                raise click.ClickException(
                    f"{configuration}: the {what} of {name} deviate from those of {first} by "
                    f"{deviation:.1e}, more than {bounds[what]:.0e}; what does not compute the "
                    "same is not timed. Look for the difference between them in cpu_contenders/"
                )
