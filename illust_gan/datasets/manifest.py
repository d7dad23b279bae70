"""A data set's manifest, read as a stranger's: whatever stands in it, it can be shown."""

import json
from collections import Counter

from illust_gan.datasets.errors import WORDS, DatasetError
from illust_gan.errors import printable

OTHER = "other"
"""Stands for the word of pictures that were left out before reasons had words."""

_DEEPEST = 100
_KINDS = {list: "a list", dict: "a table", str: "text"}


def checked_manifest(dataset):
    """Return a set's manifest with all its parts, empty ones if they are missing.

    Args:
        dataset (PackedDataset): The set.

    Returns:
        dict: Lists of anything as ``sources``, ``pictures``, ``left_out`` and ``credits``, a dict
        of anything as ``settings``, a str as ``sha256``.

    Raises:
        DatasetError: If one of them is of another kind, or nested too deeply to be written again.
    """
    path = dataset.path.with_suffix(".json")
    empty = {"sources": [], "pictures": [], "left_out": [], "credits": [], "settings": {}}
    empty["sha256"] = "not told"
    manifest = empty | dataset.manifest
    for key, value in empty.items():
        if not isinstance(manifest[key], type(value)):
            raise DatasetError(
                f'"{key}" in {path} is not {_KINDS[type(value)]}; copy the manifest again or make '
                "the set again"
            )
    if _is_deep([manifest["sources"], manifest["credits"], manifest["settings"]]):
        raise DatasetError(
            f"{path} is nested too deeply; copy the manifest again or make the set again"
        )
    return manifest


def count_left_out(manifest):
    """Count the pictures that were left out, by their words.

    Args:
        manifest (dict): A set's manifest.

    Returns:
        dict: For each word that occurs, in the order of :data:`~illust_gan.datasets.errors.WORDS`
        and others after them, how many there are.

    >>> count_left_out({"left_out": [{"word": "blank"}, {"word": "empty"}, {"word": "blank"}]})
    {'empty': 1, 'blank': 2}
    """
    counts = Counter(word_of(entry) for entry in manifest["left_out"])
    known = [word for word in WORDS if word in counts]
    return {word: counts[word] for word in [*known, *sorted(set(counts) - set(known))]}


def word_of(entry):
    """Return the word of a picture that was left out, :data:`OTHER` if it has none."""
    word = entry.get("word") if isinstance(entry, dict) else None
    return printable(word) if isinstance(word, str) else OTHER


def picture_name(manifest, i):
    """Name a picture of a set: by its file where the manifest tells it, else by its number.

    Args:
        manifest (dict): The set's manifest.
        i (int): The picture's index.

    Returns:
        str: A name without control codes.

    >>> picture_name({"pictures": [{"file": "a.png"}]}, 0), picture_name({}, 7)
    ('a.png', 'picture 7')
    """
    pictures = manifest.get("pictures")
    entry = pictures[i] if isinstance(pictures, list) and i < len(pictures) else None
    file = entry.get("file") if isinstance(entry, dict) else None
    return printable(file) if isinstance(file, str) else f"picture {i}"


def phrase(entry):
    """Put a table of a manifest, or whatever stands in its place, on one line."""
    if not isinstance(entry, dict):
        return _short(entry)
    return ", ".join(f"{printable(key)} {_short(value)}" for key, value in entry.items()) or "none"


def plural(n, noun):
    """Count things in words.

    >>> plural(1, "picture"), plural(5000, "picture")
    ('1 picture', '5,000 pictures')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _is_deep(values):
    """Tell whether values are nested more deeply than Python's JSON can be sure to write."""
    for _ in range(_DEEPEST):
        lists = (v.values() if isinstance(v, dict) else v for v in values if _holds_others(v))
        values = [value for group in lists for value in group]
    return bool(values)


def _holds_others(value):
    return isinstance(value, list | dict)


def _short(value):
    if isinstance(value, int) and not isinstance(value, bool):
        return printable(f"{value:,}")
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
