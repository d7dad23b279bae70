"""How large a net is, from the shapes of its arrays alone.

A net is made before its arrays are read, so a file must not ask for a larger one than is usual.
"""

import math

# Of each argument of a net, the largest.
_MOST = {
    **{"n_hidden": 1024, "channels": 4, "depths": 2048, "f_size": 16, "size": 256},
    **{"y_dim": 1000, "dim": 512, "gfc_dim": 4096, "dfc_dim": 4096},
}

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
    if net == "kim-conditional":
        arguments = _LABELLED[role](shapes)
        return {k: (value, _most(k), name) for k, (value, name) in arguments.items()}
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


def _labelled_generator(shapes):
    first, second, third, last = (
        shapes.get(f"{name}/W", ()) for name in ("g_h0_lin", "g_h1_lin", "g_h2", "g_h3")
    )
    if [len(shape) for shape in (first, second, third, last)] != [2, 2, 4, 4]:
        return {}
    n, y_dim = third[1], third[0] - third[1]
    return {
        "y_dim": (y_dim, "g_h2/W"),
        "n_hidden": (first[1] - y_dim, "g_h0_lin/W"),
        "channels": (last[1], "g_h3/W"),
        "gf_dim": (n // 2, "g_h2/W"),
        "gfc_dim": (second[1] - y_dim, "g_h1_lin/W"),
        "size": (4 * math.isqrt(second[0] // max(n, 1)), "g_h1_lin/W"),
    }


def _labelled_discriminator(shapes):
    first, second, third = (
        shapes.get(f"{name}/W", ()) for name in ("d_h0_conv", "d_h1_conv", "d_h2_lin")
    )
    if [len(shape) for shape in (first, second, third)] != [4, 4, 2]:
        return {}
    n, y_dim = second[0], second[1] - first[0]
    return {
        "y_dim": (y_dim, "d_h1_conv/W"),
        "channels": (first[0] - y_dim, "d_h0_conv/W"),
        "df_dim": (n - y_dim, "d_h1_conv/W"),
        "dfc_dim": (third[0], "d_h2_lin/W"),
        "size": (4 * math.isqrt(max(third[1] - y_dim, 0) // max(n, 1)), "d_h2_lin/W"),
    }


_LABELLED = {"gen": _labelled_generator, "dis": _labelled_discriminator}


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
    argument = argument.partition(".")[0]
    return _MOST["dim" if argument in ("gf_dim", "df_dim") else argument]
