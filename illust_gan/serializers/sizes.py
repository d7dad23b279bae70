"""How large a net is, from the shapes of its arrays alone.

A net is made before its arrays are read, so a file must not ask for a larger one than is usual.
"""

import math

# Of each argument of a net, the largest.
_MOST = {"n_hidden": 1024, "channels": 4, "depths": 2048, "f_size": 16, "size": 256, "dim": 512}

# (net, role) → argument → (array, axis). The four `depths` of sugyan's are one argument.
_AXES = {
    ("rezoolab", "gen"): {"n_hidden": ("fc5/W", 1), "channels": ("conv1/W", 1)},
    ("rezoolab", "dis"): {"channels": ("conv1/W", 1)},
    ("maccha", "gen"): {"n_hidden": ("l0z/W", 1), "channels": ("dc4/W", 1)},
    ("maccha", "dis"): {"channels": ("c0/W", 1)},
    ("sugyan", "gen"): {
        **{"n_hidden": ("reshape/W", 1), "channels": ("conv4/W", 1)},
        **{f"depths.{i}": (f"conv{i + 1}/W", 0) for i in range(4)},
    },
    ("sugyan", "dis"): {
        "channels": ("conv0/W", 1),
        **{f"depths.{i}": (f"conv{i}/W", 0) for i in range(4)},
    },
    ("kim", "gen"): {
        **{"n_hidden": ("g_h0_lin/W", 1), "channels": ("g_h4/W", 1), "gf_dim": ("g_h4/W", 0)}
    },
    ("kim", "dis"): {"channels": ("d_h0_conv/W", 1), "df_dim": ("d_h0_conv/W", 0)},
}

# Where a fully connected layer has as many numbers as the smallest feature maps: the array, its
# axis, and how many feature maps there are.
_EDGES = {
    ("sugyan", "gen"): ("f_size", 1, "reshape/W", 0, "depths.0", 1),
    ("sugyan", "dis"): ("f_size", 1, "classify/W", 1, "depths.3", 1),
    ("kim", "gen"): ("size", 16, "g_h0_lin/W", 0, "gf_dim", 8),
    ("kim", "dis"): ("size", 16, "d_h3_lin/W", 1, "df_dim", 8),
}


def read_sizes(net, role, shapes):
    """Read the arguments of a net out of the shapes of its arrays.

    An array that is missing, or has another number of axes, tells nothing; whether all arrays fit
    the net that is made is for others to find out.

    Args:
        net (str): Its name.
        role (str): ``"gen"`` or ``"dis"``.
        shapes (dict): Names of arrays, such as ``"fc5/W"``, to shapes.

    Returns:
        dict: Arguments, of which ``"depths.0"`` to ``"depths.3"`` are one, to (value, the largest
        that is usual, the array that told it).

    Example:
        >>> read_sizes("rezoolab", "gen", {"fc5/W": (8192, 100), "conv1/W": (64, 3, 4, 4)})
        {'n_hidden': (100, 1024, 'fc5/W'), 'channels': (3, 4, 'conv1/W')}
    """
    found = {}
    for argument, (name, axis) in _AXES[net, role].items():
        shape = shapes.get(name, ())
        if len(shape) == (2 if argument == "n_hidden" else 4):
            found[argument] = (shape[axis], _most(argument), name)
    if (net, role) in _EDGES:
        argument, times, name, axis, width, factor = _EDGES[net, role]
        shape, maps = shapes.get(name, ()), factor * found.get(width, (0,))[0]
        if len(shape) == 2 and maps:
            edge = math.isqrt(shape[axis] // maps)
            found[argument] = (times * edge, _most(argument), name)
    return found


def as_arguments(sizes):
    """Return what :func:`read_sizes` has found as arguments of the net.

    Example:
        >>> as_arguments({"channels": (3, 4, "c0/W")})
        {'channels': 3}
    """
    depths = [sizes[f"depths.{i}"][0] for i in range(4) if f"depths.{i}" in sizes]
    arguments = {k: v[0] for k, v in sizes.items() if not k.startswith("depths.")}
    return {**arguments, "depths": tuple(depths)} if len(depths) == 4 else arguments


def _most(argument):
    return _MOST["dim" if argument.endswith("_dim") else argument.partition(".")[0]]
