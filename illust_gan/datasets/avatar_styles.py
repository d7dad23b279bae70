"""The drawn styles that faces are made of: whose they are and how they are coloured and framed.

Only styles with a licence that lets pictures made from them be passed on are here. ``avataaars``
and ``bottts``, which come in the same package, say no more than "free for personal and commercial
use" and are left out for that.
"""

import json
from importlib.resources import files

from illust_gan.datasets.errors import DatasetError

DEFAULT_STYLES = ("lorelei", "adventurer", "toon-head")


def _colours(text):
    return [f"#{colour}" for colour in text.split()]


_HAIR = _colours(
    "1b1b2f 3b2417 6a4e35 b9843f e8c76a f6e7b4 d9d9e6 8fa9d8 3f6fd1 "
    "5ec8d8 4fb477 a7d36b f2a0c0 e85d9a b04ad0 7a4fb5 d8402f f07f2f"
)
_SKIN = _colours("fde3d3 f9d3b9 f2c4a0 e0a878 c68a5c")
_EYES = _colours("1b1b2f 3b2417 1f3f8f 1f6b4a 6b2f8f 8f2f3f")
_LIPS = _colours("8f2e45 c0474f b5485d 7a2f3a")
_JEWELS = _colours("e85d9a d8402f f0d080 3f6fd1")
_BACKGROUND = _colours(
    "ffffff e8ecf4 d1d4f9 d3c6ea b6e3f4 a9d3f0 b8e8d6 d1f4c9 fff3b0 f7e0a3 ffdfbf ffd5dc f9c0cc"
)

_FRAMING = {
    "backgroundColor": _BACKGROUND,
    "flip": ["none", "horizontal"],
    "rotate": [-6, 6],
    "translateX": [-3, 3],
}

# DiceBear's options: colours and variants are drawn from their lists, or by their weights;
# numbers from their ranges, translations in per cent of the picture. The scale lets the face
# fill the frame. Beards, masks and drawings without a human face are off.
OPTIONS = {
    "lorelei": {
        **_FRAMING,
        "scale": [1.2, 1.4],
        "translateY": [0, 6],
        "hairColor": _HAIR,
        "skinColor": _SKIN,
        "eyesColor": _EYES,
        "mouthColor": _LIPS,
        "earringsColor": _JEWELS,
        "hairAccessoriesColor": [*_JEWELS, "#ffffff"],
        "hairAccessoriesProbability": 15,
        "beardProbability": 0,
    },
    "adventurer": {
        **_FRAMING,
        "scale": [1.2, 1.4],
        "translateY": [-3, 1],
        "hairColor": _HAIR,
        "skinColor": _SKIN,
        "eyesColor": _EYES,
        "earringsColor": _JEWELS,
        "detailsVariant": ["birthmark", "blush", "freckles"],
        "detailsProbability": 25,
    },
    "toon-head": {
        **_FRAMING,
        "scale": [1.35, 1.55],
        "translateY": [-6, -1],
        "hairColor": _HAIR,
        "skinColor": _SKIN,
        "eyesVariant": {"wide": 3, "bow": 1, "happy": 1, "humble": 1, "wink": 1},
        "rearHairProbability": 60,
        "beardProbability": 0,
    },
    "micah": {
        **_FRAMING,
        "scale": [1.2, 1.4],
        "translateY": [-2, 4],
        "hairColor": _HAIR,
        "baseColor": _SKIN,
        "hairVariant": ["dannyPhantom", "fonze", "full", "pixie", "turban"],
        "facialHairProbability": 0,
    },
    "big-ears": {
        **_FRAMING,
        "scale": [1.15, 1.35],
        "translateY": [-9, -4],
        "hairColor": _HAIR,
        "skinColor": _SKIN,
    },
    "big-smile": {
        **_FRAMING,
        "scale": [1.1, 1.25],
        "translateY": [-3, 3],
        "hairColor": _HAIR,
        "skinColor": _SKIN,
        "accessoriesVariant": ["catEars", "glasses", "sailormoonCrown"],
        "accessoriesProbability": 25,
    },
    "open-peeps": {
        **_FRAMING,
        "scale": [1.15, 1.3],
        "translateY": [0, 5],
        "headContrastColor": _HAIR,
        "skinColor": _SKIN,
        "expressionVariant": [
            "awe",
            "blank",
            "calm",
            "cheeky",
            "concerned",
            "contempt",
            "cute",
            "driven",
            "explaining",
            "eyesClosed",
            "fear",
            "lovingGrin1",
            "lovingGrin2",
            "serious",
            "smile",
            "smileBig",
            "smileLOL",
            "smileTeethGap",
            "solemn",
            "suspicious",
            "tired",
        ],
        "accessoriesVariant": ["glasses", "glasses2", "glasses3", "glasses4", "glasses5"],
        "facialHairProbability": 0,
        "maskProbability": 0,
    },
    "notionists": {
        **_FRAMING,
        "scale": [1.75, 2.05],
        "translateY": [18, 24],
        "beardProbability": 0,
        "gestureProbability": 0,
    },
}
"""For each style that is offered, the options that its faces are drawn with."""


def read_definition(style):
    """Read a style's drawings and its licence as its author published them.

    Args:
        style (str): One of :data:`OPTIONS`.

    Returns:
        dict: The definition that DiceBear draws from.
    """
    text = files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8")
    return json.loads(text)


def check_styles(styles):
    """Make sure that every style is offered and named once.

    Args:
        styles (str or sequence of str): Names of styles; in a string, commas part them.

    Returns:
        list of str: The names.

    Raises:
        DatasetError: If there is none, one is not offered or one is named twice.

    >>> check_styles("lorelei,micah")
    ['lorelei', 'micah']
    """
    names = [name.strip() for name in styles.split(",")] if isinstance(styles, str) else styles
    names = list(names)
    for name in names:
        if name not in OPTIONS:
            raise DatasetError(f"no style {name!r} is offered; wanted one or more of {_offer()}")
    if not names or len(set(names)) < len(names):
        raise DatasetError(
            f"styles are {', '.join(names) or 'empty'}; wanted one or more of {_offer()}, each once"
        )
    return names


def credit(style):
    """Say who drew a style and on what terms, as its definition says.

    Returns:
        dict: ``style``, ``title``, ``author``, ``author_url``, ``source_url``, ``license``,
        ``license_url`` and ``text``, the line that the licence asks for.

    >>> credit("lorelei")["author"], credit("lorelei")["license"]
    ('Lisa Wischofsky', 'CC0 1.0')
    """
    meta = read_definition(style)["meta"]
    return {
        "style": style,
        "title": meta["source"]["name"],
        "author": meta["creator"]["name"],
        "author_url": meta["creator"]["url"],
        "source_url": meta["source"]["url"],
        "license": meta["license"]["name"],
        "license_url": meta["license"]["url"],
        "text": meta["license"]["text"],
    }


def _offer():
    return ", ".join(f"{style} ({credit(style)['license']})" for style in OPTIONS)
