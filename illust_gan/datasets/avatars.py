"""The built-in data set: faces put together at random from the parts that illustrators drew."""

import functools
import io
import itertools
import random
from importlib.metadata import version

import numpy as np
from dicebear import Avatar, Style
from PIL import Image
from resvg import render, usvg
from tqdm import tqdm

from illust_gan.datasets.avatar_styles import (
    DEFAULT_STYLES,
    OPTIONS,
    check_styles,
    credit,
    read_definition,
)
from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.writer import MAX_SIZE, write_packed

LABELS = ("none", "style")

# Smaller, a face is a smudge and may even be of one colour.
_MIN_SIZE = 8

# As long as one design in a hundred is still new, so many repeats in a row come once in 23,000
# times: the style is used up.
_MAX_REPEATS = 1000

# What is not the face does not make another design.
_BESIDES_THE_FACE = ("background", "body", "cloth", "shirt")

# resvg takes a matrix row by row. SVG's order is column by column: a matrix written like that draws
# nothing, without an error.
_IDENTITY = (1, 0, 0, 0, 1, 0)


def make_avatars(
    out,
    *,
    size=64,
    n=2000,
    seed=0,
    styles=DEFAULT_STYLES,
    labels="none",
    progress=False,
    overwrite=False,
):
    """Make a data set of illustrated faces, offline and reproducibly.

    No two faces have the same design, that is the same parts in the same colours; position,
    size, tilt and background vary beyond that. The styles take turns, so the set is an even mix
    in any stretch of it, and a smaller ``n`` gives the beginning of a larger set. The same
    arguments give the same bytes with the same versions of the drawing packages, which
    ``manifest["settings"]`` tells.

    A few hundred faces a second are drawn, on one core.

    Args:
        out (str or os.PathLike): Name of the set, with or without ``.npy``.
        size (int): Edge length of the pictures, 8 to 4096.
        n (int): Number of faces.
        seed (int): Another seed gives other faces.
        styles (sequence of str): Which drawings to use, of
            :data:`~illust_gan.datasets.avatar_styles.OPTIONS`. ``("lorelei",)`` is in the public
            domain (CC0); the others of the default ask for the attribution that
            ``manifest["credits"]`` holds.
        labels (str): ``"style"`` to give each face the name of its style as its label, for nets
            with labels; or ``"none"``. The faces are the same.
        progress (bool): Show a bar with the time left on stderr.
        overwrite (bool): Replace a set of this name instead of raising an error.

    Returns:
        PackedDataset: The set, opened.

    Raises:
        DatasetError: If a style is not offered, ``size`` or ``n`` is out of range, the styles
            have fewer than ``n`` designs, there are fewer than two styles or faces for labels, or
            the name ``out`` is taken.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = make_avatars(f"{folder}/faces", n=4, styles=("lorelei", "toon-head"))
    ...     dataset.pixels.shape, [line["license"] for line in dataset.manifest["credits"]]
    ((4, 64, 64, 3), ['CC0 1.0', 'CC BY 4.0'])
    """
    styles = check_styles(styles)
    if not _MIN_SIZE <= size <= MAX_SIZE:
        raise DatasetError(f"size is {size}; wanted {_MIN_SIZE} to {MAX_SIZE} pixels")
    if n < 1:
        raise DatasetError(f"n is {n}; wanted at least 1 face")
    _check_labels(labels, styles, n)
    faces = _take_turns([_distinct_faces(style, size, seed) for style in styles])
    faces = itertools.islice(faces, n)
    return write_packed(
        out,
        size,
        tqdm(faces, total=n, desc="drawing", unit="face", disable=not progress),
        sources=[
            {"style": style, "count": len(range(turn, n, len(styles)))}
            for turn, style in enumerate(styles)
        ],
        credits=[credit(style) for style in styles],
        settings={
            "made_by": "make_avatars",
            "size": size,
            "n": n,
            "seed": seed,
            "styles": styles,
            **({} if labels == "none" else {"labels": labels}),
            **{name: version(name) for name in ("dicebear-core", "dicebear-styles", "resvg")},
        },
        labels=(lambda i: i % len(styles)) if labels == "style" else None,
        label_names=styles,
        overwrite=overwrite,
    )


def _check_labels(labels, styles, n):
    if labels not in LABELS:
        raise DatasetError(f"labels is {labels}; wanted {' or '.join(LABELS)}")
    if labels == "style" and min(len(styles), n) < 2:
        raise DatasetError(
            f"labels by style for {n} face{'' if n == 1 else 's'} in {len(styles)} "
            f"style{'' if len(styles) == 1 else 's'}; wanted two styles and two faces or more"
        )


def _take_turns(streams):
    for stream in itertools.cycle(streams):
        yield next(stream)


def _distinct_faces(style, size, seed):
    """Yield faces of one style without end; a design that has been is passed over undrawn."""
    definition = _definition(style)
    seen = set()
    repeats = 0
    for number in itertools.count():
        name = f"{style}-{seed}-{number}"
        avatar = Avatar(definition, {**_colour(style, name), "size": size, "seed": name})
        design = _design(avatar)
        if design in seen:
            repeats += 1
            if repeats == _MAX_REPEATS:
                raise DatasetError(
                    f"{style} gives no more than {len(seen)} distinct faces; "
                    "ask for fewer or name more styles"
                )
            continue
        repeats = 0
        seen.add(design)
        yield _draw(avatar)


@functools.cache
def _definition(style):
    # Kept, because DiceBear checks a definition against a schema for a quarter of a second.
    return Style(read_definition(style))


def _colour(style, name):
    """Choose one colour of each list of a style's options, by the face's name."""
    # DiceBear would choose too, but checks every list by a JSON schema at every face, which
    # takes longer than drawing it. Of Python's generator only random() is the same for ever.
    rng = random.Random(name)
    return {
        option: value[int(rng.random() * len(value))] if option.endswith("Color") else value
        for option, value in OPTIONS[style].items()
    }


def _design(avatar):
    """Tell a face by the parts and colours that were chosen for it."""
    return frozenset(
        f"{option}={choice}"
        for option, choice in avatar.to_json()["options"].items()
        if option.endswith(("Variant", "Color")) and not option.startswith(_BESIDES_THE_FACE)
    )


def _draw(avatar):
    tree = usvg.Tree.from_str(avatar.to_string(), usvg.Options.default())
    with Image.open(io.BytesIO(render(tree, _IDENTITY)), formats=("PNG",)) as image:
        pixels = np.array(image.convert("RGB"))
    if (pixels == pixels[0, 0]).all():
        raise DatasetError(
            f"resvg {version('resvg')} drew a face as one plain colour; wanted a release that "
            "illust-gan is tested with: pip install 'resvg>=0.2,<0.3'"
        )
    return pixels
