"""What is known of a packed data set, as numbers and in words."""

import textwrap

import numpy as np
from tqdm import tqdm

from illust_gan.datasets.errors import WORDS
from illust_gan.datasets.manifest import checked_manifest, count_left_out, phrase, plural
from illust_gan.errors import printable

# Of a text: as wide as a SHA-256, and with its label within 80 columns.
_WIDTH = 64
# 2^16 squares of a byte add up to less than 2^32.
_MOST_ROWS = 2**16
_BLOCK = 2**20


def describe(dataset, *, progress=False):
    """Say what a set holds, where it comes from, and what was left out.

    Mean and standard deviation of the colours are exact: they are of all pixels, which are read
    once, at hundreds of megabytes a second. The SHA-256 is the manifest's word;
    :func:`~illust_gan.datasets.checking.check` compares it.

    Args:
        dataset (PackedDataset): The set.
        progress (bool): Show a bar with the time left on stderr.

    Returns:
        dict: What JSON can hold: ``name``, ``count``, ``size``, ``bytes`` of the file of pixels,
        ``mean`` and ``std`` (red, green, blue, of 0 to 255), ``sources``, ``duplicates``
        (``exact`` and ``near``, or None if none were looked for), ``faces`` (``count`` and the
        ``pictures`` that they were cropped from, or None), ``left_out`` (for each word, how
        many), ``credits``, ``settings`` and ``sha256``. Of a set with labels also ``labels``:
        ``counts``, the number of pictures of each by its name, in the order of the labels, and
        ``duplicates``, how many were left out whose like in the set has another label.

    Raises:
        DatasetError: If the manifest is damaged.

    >>> import tempfile
    >>> from illust_gan.datasets import write_packed
    >>> greys = (np.full((4, 4, 3), level, np.uint8) for level in (0, 100))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = write_packed(f"{folder}/greys", 4, greys, sources=[], settings={})
    ...     found = describe(dataset)
    >>> found["count"], found["mean"], found["std"]
    (2, [50.0, 50.0, 50.0], [50.0, 50.0, 50.0])
    """
    manifest = checked_manifest(dataset)
    mean, std = _moments(dataset.pixels, progress)
    left_out = count_left_out(manifest)
    boxed = [picture for picture in _dicts(manifest["pictures"]) if "box" in picture]
    return {
        "name": dataset.path.stem,
        "count": len(dataset),
        "size": dataset.size,
        "bytes": dataset.path.stat().st_size,
        "mean": mean,
        "std": std,
        "sources": manifest["sources"],
        "duplicates": {
            "exact": left_out.get("duplicate", 0),
            "near": left_out.get("near-duplicate", 0),
        }
        if any("file" in picture for picture in _dicts(manifest["pictures"]))
        else None,
        "faces": {
            "count": len(boxed),
            "pictures": len({str(picture.get("file")) for picture in boxed}),
        }
        if boxed
        else None,
        "left_out": left_out,
        "credits": manifest["credits"],
        "settings": manifest["settings"],
        "sha256": manifest["sha256"],
        **({} if dataset.labels is None else {"labels": count_labels(dataset)}),
    }


def count_labels(dataset):
    """Count the pictures of each label, as :func:`describe` tells.

    Args:
        dataset (PackedDataset): A set with labels.

    Returns:
        dict: ``counts`` (dict) and ``duplicates`` (int).
    """
    counts = np.bincount(dataset.labels, minlength=len(dataset.label_names))
    left_out = _dicts(checked_manifest(dataset)["left_out"])
    return {
        "counts": dict(zip(dataset.label_names, counts.tolist())),
        "duplicates": sum(entry.get("other_label") is True for entry in left_out),
    }


def in_words(found):
    """Put what :func:`describe` found into lines for a person, without control codes.

    Args:
        found (dict): What it returned.

    Returns:
        list of tuple: ``(label, text)``, in the order to be read; a label is empty where a text
        goes on.
    """
    size = found["size"]
    colours = (
        f"{name} {mean:.1f} ± {std:.1f}"
        for name, mean, std in zip(("red", "green", "blue"), found["mean"], found["std"])
    )
    lines = [
        ("pictures", [f"{found['count']:,} of {size}×{size}, {found['bytes'] / 1e6:.1f} MB"]),
        ("colours", [", ".join(colours)]),
        ("from", [phrase(source) for source in found["sources"]] or ["not told"]),
        ("duplicates", [_duplicates(found["duplicates"])]),
    ]
    if found["faces"]:
        faces, pictures = found["faces"]["count"], found["faces"]["pictures"]
        lines.append(("faces", [f"{faces:,} cropped from {plural(pictures, 'picture')}"]))
    if "labels" in found:
        lines.append(("labels", _labels(**found["labels"])))
    lines += [
        ("left out", _left_out(found["left_out"]) or ["none"]),
        ("credits", [_credit(credit) for credit in found["credits"]] or ["none"]),
        ("settings", [phrase(found["settings"])]),
        ("SHA-256", [printable(found["sha256"])]),
    ]
    wrapped = []
    for label, texts in lines:
        # Neither dicebear-core nor a long path is parted.
        wrap = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False).wrap
        parts = [part for text in texts for part in wrap(text) or [""]]
        wrapped += zip([label] + [""] * len(parts), parts)
    return wrapped


def _dicts(entries):
    return (entry for entry in entries if isinstance(entry, dict))


def _moments(pixels, progress):
    """Take mean and standard deviation of each colour, in whole numbers up to the last step."""
    rows = pixels.reshape(-1, pixels.shape[2] * 3)
    step = min(_MOST_ROWS, max(1, _BLOCK // rows.shape[1]))
    sums = np.zeros((2, rows.shape[1]), np.uint64)
    with tqdm(
        total=rows.size, desc="reading", unit="B", unit_scale=True, disable=not progress
    ) as bar:
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            sums[0] += block.sum(axis=0, dtype=np.uint32)
            sums[1] += np.multiply(block, block, dtype=np.uint16).sum(axis=0, dtype=np.uint32)
            bar.update(block.size)
    n = rows.size // 3
    # Python's integers: the square of a sum outgrows 64 bits.
    moments = [[int(x) for x in line.reshape(-1, 3).sum(axis=0)] for line in sums]
    mean = [first / n for first in moments[0]]
    std = [(n * second - first**2) ** 0.5 / n for first, second in zip(*moments)]
    return mean, std


def _credit(credit):
    keys = ("title", "author", "license")
    if isinstance(credit, dict) and all(isinstance(credit.get(key), str) for key in keys):
        return "{} by {}, {}".format(*(printable(credit[key]) for key in keys))
    if isinstance(credit, dict) and isinstance(credit.get("text"), str):
        return printable(credit["text"], 1000)
    return phrase(credit)


def _duplicates(found):
    if found is None:
        return "not looked for"
    return f"{found['exact']:,} exact and {found['near']:,} near ones left out"


def _labels(counts, duplicates):
    width = max(len(f"{count:,}") for count in counts.values())
    lines = [f"{len(counts):,}"]
    if duplicates:
        lines[0] += f"; left out for a like with another: {plural(duplicates, 'duplicate')}"
    return lines + [f"  {count:{width},}  {printable(name)}" for name, count in counts.items()]


def _left_out(counts):
    if not counts:
        return []
    width = max(len(f"{count:,}") for count in counts.values())
    longest = max(map(len, counts))
    return [plural(sum(counts.values()), "picture")] + [
        f"  {count:{width},}  {word:{longest}}  {WORDS.get(word, '')}".rstrip()
        for word, count in counts.items()
    ]
