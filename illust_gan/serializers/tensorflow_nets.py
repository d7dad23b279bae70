"""The nets of the two TensorFlow programs: their variables, and what these tell of the net.

They are sugyan/tf-dcgan of 12 August 2016, and carpedm20/DCGAN-tensorflow from 2016 to 2018.
"""

import dataclasses
import functools
import math
from collections.abc import Callable

from illust_gan.nets import kim, kim_conditional, sugyan
from illust_gan.serializers.tensorflow_layouts import (
    convolution,
    deconvolution,
    dense,
    normalization,
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """One of the nets that TensorFlow wrote.

    Attributes:
        name (str): In words.
        role (str): ``"gen"`` or ``"dis"``.
        Net (type): The chain that it becomes.
        scope (str): What all its variables' names begin with.
        variables (callable): Arguments of the net → names → :class:`.Variable`. The names are the
            same for all arguments.
        arguments (callable): ``axis`` → arguments of the net, where ``axis(name, i, n)`` is the
            length of axis i of a variable with n axes.
        rounds_up (bool): Whether the edge of the picture need not be that of the smallest feature
            maps times 16.
        note (str): What to say where shapes do not fit, as the end of a sentence.
    """

    name: str
    role: str
    Net: type
    scope: str
    variables: Callable
    arguments: Callable
    rounds_up: bool = False
    note: str = ""

    def __str__(self):
        return self.name

    @functools.cached_property
    def names(self):
        """frozenset of str: Names of its variables."""
        return frozenset(self.variables())


_CONTRIB = {"weights": "weights", "bias": None}
_CONTRIB_LAST = {"weights": "weights", "bias": "biases"}


def _sugyan_generator(n_hidden=1, channels=1, depths=(1, 1, 1, 1), f_size=1):
    f, scope = f_size, "g/reshape/fully_connected"
    n, picture = depths[0] * f * f, (f, f, depths[0])
    found = dense(scope, "reshape", n_hidden, n, **_CONTRIB, picture_out=picture)
    found |= normalization(f"{scope}/BatchNorm", "reshape_bn", n, gamma=False, picture=picture)
    for i in (1, 2, 3):
        scope = f"g/conv{i}/Conv2d_transpose"
        found |= deconvolution(scope, f"conv{i}", depths[i - 1], depths[i], **_CONTRIB)
        found |= normalization(f"{scope}/BatchNorm", f"conv{i}_bn", depths[i], gamma=False)
    scope = "g/conv4/Conv2d_transpose"
    return found | deconvolution(scope, "conv4", depths[3], channels, **_CONTRIB_LAST)


def _sugyan_generator_arguments(axis):
    first = "g/reshape/fully_connected/weights"
    others = [f"g/conv{i}/Conv2d_transpose/weights" for i in (1, 2, 3, 4)]
    depths = tuple(axis(name, 3, 4) for name in others)
    return {
        "n_hidden": axis(first, 0, 2),
        "channels": axis(others[3], 2, 4),
        "depths": depths,
        "f_size": _edge(axis(first, 1, 2), depths[0]),
    }


def _sugyan_discriminator(channels=1, depths=(1, 1, 1, 1), f_size=1):
    found, n_in = {}, channels
    for i in range(4):
        scope = f"d/conv{i}/Conv"
        found |= convolution(scope, f"conv{i}", n_in, depths[i], **_CONTRIB)
        found |= normalization(f"{scope}/BatchNorm", f"conv{i}_bn", depths[i], gamma=False)
        n_in = depths[i]
    picture = (f_size, f_size, n_in)
    n = math.prod(picture)
    return found | dense("d/classify", "classify", n, 2, **_CONTRIB_LAST, picture_in=picture)


def _sugyan_discriminator_arguments(axis):
    convs = [f"d/conv{i}/Conv/weights" for i in range(4)]
    depths = tuple(axis(name, 3, 4) for name in convs)
    return {
        "channels": axis(convs[0], 2, 4),
        "depths": depths,
        "f_size": _edge(axis("d/classify/weights", 0, 2), depths[3]),
    }


def _kim_generator(n_hidden=1, channels=1, size=16, gf_dim=1):
    s16, gf = kim.sizes(size)[0], gf_dim
    picture = (s16, s16, 8 * gf)
    found = dense("g_h0_lin", "g_h0_lin", n_hidden, math.prod(picture), picture_out=picture)
    found |= normalization("g_bn0", "g_bn0", 8 * gf)
    for i, n in ((1, 4 * gf), (2, 2 * gf), (3, gf)):
        found |= deconvolution(f"g_h{i}", f"g_h{i}", 2 * n, n)
        found |= normalization(f"g_bn{i}", f"g_bn{i}", n)
    return found | deconvolution("g_h4", "g_h4", gf, channels)


def _kim_generator_arguments(axis):
    gf = axis("g_h4/w", 3, 4)
    return {
        "n_hidden": axis("g_h0_lin/Matrix", 0, 2),
        "channels": axis("g_h4/w", 2, 4),
        "size": 16 * _edge(axis("g_h0_lin/Matrix", 1, 2), 8 * gf),
        "gf_dim": gf,
    }


def _kim_discriminator(channels=1, size=16, df_dim=1, last="d_h3_lin"):
    s16, df = kim.sizes(size)[0], df_dim
    found = convolution("d_h0_conv", "d_h0_conv", channels, df)
    for i, n in ((1, 2 * df), (2, 4 * df), (3, 8 * df)):
        found |= convolution(f"d_h{i}_conv", f"d_h{i}_conv", n // 2, n)
        found |= normalization(f"d_bn{i}", f"d_bn{i}", n)
    picture = (s16, s16, 8 * df)
    return found | dense(last, "d_h3_lin", math.prod(picture), 1, picture_in=picture)


def _kim_discriminator_arguments(axis, last="d_h3_lin"):
    df = axis("d_h0_conv/w", 3, 4)
    return {
        "channels": axis("d_h0_conv/w", 2, 4),
        "size": 16 * _edge(axis(f"{last}/Matrix", 0, 2), 8 * df),
        "df_dim": df,
    }


def _conditional_generator(n_hidden=1, channels=1, y_dim=1, size=4, gf_dim=1, gfc_dim=1):
    n, y = 2 * gf_dim, y_dim
    picture = (size // 4, size // 4, n)
    n_flat = math.prod(picture)
    return {
        **dense("g_h0_lin", "g_h0_lin", n_hidden + y, gfc_dim),
        **normalization("g_bn0", "g_bn0", gfc_dim),
        **dense("g_h1_lin", "g_h1_lin", gfc_dim + y, n_flat, picture_out=picture),
        **normalization("g_bn1", "g_bn1", n_flat, picture=picture),
        **deconvolution("g_h2", "g_h2", n + y, n),
        **normalization("g_bn2", "g_bn2", n),
        **deconvolution("g_h3", "g_h3", n + y, channels),
    }


def _conditional_generator_arguments(axis):
    n = axis("g_h2/w", 2, 4)
    y_dim = axis("g_h2/w", 3, 4) - n
    return {
        "n_hidden": axis("g_h0_lin/Matrix", 0, 2) - y_dim,
        "channels": axis("g_h3/w", 2, 4),
        "y_dim": y_dim,
        "size": 4 * _edge(axis("g_h1_lin/Matrix", 1, 2), n),
        "gf_dim": n // 2,
        "gfc_dim": axis("g_h0_lin/Matrix", 1, 2),
    }


def _conditional_discriminator(channels=1, y_dim=1, size=4, df_dim=1, dfc_dim=1):
    y, n0, n1 = y_dim, channels + y_dim, df_dim + y_dim
    picture = (size // 4, size // 4, n1)
    return {
        **convolution("d_h0_conv", "d_h0_conv", n0, n0),
        **convolution("d_h1_conv", "d_h1_conv", n0 + y, n1),
        **normalization("d_bn1", "d_bn1", n1),
        **dense("d_h2_lin", "d_h2_lin", math.prod(picture) + y, dfc_dim, picture_in=picture),
        **normalization("d_bn2", "d_bn2", dfc_dim),
        **dense("d_h3_lin", "d_h3_lin", dfc_dim + y, 1),
    }


def _conditional_discriminator_arguments(axis):
    n0, n1 = axis("d_h0_conv/w", 3, 4), axis("d_h1_conv/w", 3, 4)
    y_dim = axis("d_h1_conv/w", 2, 4) - n0
    return {
        "channels": n0 - y_dim,
        "y_dim": y_dim,
        "size": 4 * _edge(axis("d_h2_lin/Matrix", 0, 2) - y_dim, n1),
        "df_dim": n1 - y_dim,
        "dfc_dim": axis("d_h2_lin/Matrix", 1, 2),
    }


def _edge(n, channels):
    """Return the edge of a square picture of n numbers; 0 if there is none of so many channels."""
    return math.isqrt(max(n, 0) // channels) if channels > 0 else 0


def _with_last(function, last):
    return functools.partial(function, last=last)


_KIM_DISCRIMINATOR = ("Kim's discriminator", "dis", kim.Discriminator, "d_")

KINDS = (
    Kind("sugyan's generator", "gen", sugyan.Generator, "g/",
         _sugyan_generator, _sugyan_generator_arguments),
    Kind("sugyan's discriminator", "dis", sugyan.Discriminator, "d/",
         _sugyan_discriminator, _sugyan_discriminator_arguments),
    Kind("Kim's generator", "gen", kim.Generator, "g_",
         _kim_generator, _kim_generator_arguments, rounds_up=True),
    Kind(*_KIM_DISCRIMINATOR,
         _kim_discriminator, _kim_discriminator_arguments, rounds_up=True),
    # Since June 2017 its last layer has the right number.
    Kind(*_KIM_DISCRIMINATOR,
         _with_last(_kim_discriminator, "d_h4_lin"),
         _with_last(_kim_discriminator_arguments, "d_h4_lin"), rounds_up=True),
    Kind("Kim's generator with labels", "gen", kim_conditional.Generator, "g_",
         _conditional_generator, _conditional_generator_arguments,
         note=" (before October 2016 its program gave z to g_h1_lin, which is not read)"),
    Kind("Kim's discriminator with labels", "dis", kim_conditional.Discriminator, "d_",
         _conditional_discriminator, _conditional_discriminator_arguments),
)  # fmt: skip
"""tuple of Kind: All that can be read."""
