"""A page that shows what was left out of a data set and why, readable without a server."""

import html
from importlib.resources import files
from pathlib import Path

from PIL import Image

from illust_gan.datasets.errors import WORDS, DatasetError
from illust_gan.datasets.manifest import (
    checked_manifest,
    count_left_out,
    phrase,
    picture_name,
    word_of,
)
from illust_gan.datasets.thumbnail import data_uri, encode_thumbnail
from illust_gan.errors import printable
from illust_gan.files import replacing

MOST_THUMBNAILS = 300
"""So many pictures of each word are shown; the further ones are named."""

_KEPT = 64
# Sections of few pictures are open from the start.
_FEW = 24
_LONGEST = 400

# Nothing may be fetched or run, whatever a file's name might smuggle in.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(path, dataset, thumbnail):
    """Write one HTML file with all that was left out of a set, its reasons and thumbnails.

    It holds its pictures and styles itself, needs no script and no network, and follows the
    reader's choice of light or dark. A sample of what was kept comes first, then a section for
    each word; duplicates stand beside the picture of the set that they are like. The page is
    written as it grows: thumbnails are asked for one at a time, and none is held.

    Args:
        path (str or os.PathLike): Name of the file, ending in ``.html``. The folder is made, and
            a file of this name replaced when the new one is complete.
        dataset (PackedDataset): The set.
        thumbnail (callable): Takes an entry of ``manifest["left_out"]`` and returns a small
            picture as the bytes of a PNG, JPEG or WebP, as
            :func:`~illust_gan.datasets.thumbnail.encode_thumbnail` makes them, or None if the
            picture cannot be shown. It is called for the first :data:`MOST_THUMBNAILS` of each
            word.

    Raises:
        DatasetError: If ``path`` has another ending or the manifest is damaged.
        OSError: If the file cannot be written.

    >>> import tempfile
    >>> import numpy as np
    >>> from illust_gan.datasets import write_packed
    >>> white = np.full((4, 4, 3), 255, np.uint8)
    >>> left_out = [{"file": "b.png", "word": "empty", "reason": "it has no bytes"}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = write_packed(
    ...         f"{folder}/a", 4, [white], sources=[], settings={}, left_out=left_out
    ...     )
    ...     write_report(f"{folder}/a.html", dataset, lambda entry: None)
    ...     "<li>b.png: it has no bytes</li>" in Path(f"{folder}/a.html").read_text("utf-8")
    True
    """
    path = Path(path)
    check_report_name(path)
    manifest = checked_manifest(dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as f:
        for part in _page(dataset, manifest, thumbnail):
            f.write(part.encode())


def check_report_name(path):
    """Make sure that a report does not take the name of something else.

    Args:
        path (str or os.PathLike): The name.

    Raises:
        DatasetError: If it does not end in ``.html``.

    >>> check_report_name("left-out.html")
    """
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise DatasetError(f"the report {path} is not a .html; give such a name")


def _page(dataset, manifest, thumbnail):
    """Yield the page in parts, none of which holds more than one thumbnail and its twin."""
    title = _text(f"{dataset.path.stem}: what was left out, and why")
    css = files("illust_gan.datasets").joinpath("report.css").read_text("utf-8")
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n"
    )
    counts = count_left_out(manifest)
    yield from _summary(dataset, manifest, counts)
    yield from _kept_sample(dataset, manifest)
    if counts:
        yield "<h2>What was left out</h2>\n"
    twins = _Twins(dataset, manifest)
    for number, (word, count) in enumerate(counts.items()):
        entries = [entry for entry in manifest["left_out"] if word_of(entry) == word]
        yield (
            f"<details{' open' if count <= _FEW else ''}>\n"
            f'<summary>{_text(word)} <span class="quiet">{count:,}{_meaning(word)}</span>'
            # The address is inside, so that following a link to it opens the section.
            f'</summary>\n<div id="word-{number}">\n'
        )
        yield from _section(entries, word, thumbnail, twins)
        yield "</div>\n</details>\n"
    yield "</main>\n</body>\n</html>\n"


def _summary(dataset, manifest, counts):
    for source in manifest["sources"]:
        yield f'<p class="quiet">from {_text(phrase(source))}</p>\n'
    yield (
        f'<table>\n<tr><td class="count">{len(dataset):,}</td>'
        f'<td>kept <span class="quiet">as {dataset.size}×{dataset.size}</span></td></tr>\n'
        f'<tr><td class="count">{sum(counts.values()):,}</td><td>left out</td></tr>\n'
    )
    for number, (word, count) in enumerate(counts.items()):
        yield (
            f'<tr class="part"><td class="count">{count:,}</td><td><a href="#word-{number}">'
            f'{_text(word)}</a><span class="quiet">{_meaning(word)}</span></td></tr>\n'
        )
    yield "</table>\n"


def _kept_sample(dataset, manifest):
    n = min(_KEPT, len(dataset))
    what = "all" if n == len(dataset) else f"the first {n}"
    yield f'<h2>What was kept: {what}</h2>\n<div class="kept">\n'
    for i in range(n):
        yield _image(encode_thumbnail(Image.fromarray(dataset[i])), picture_name(manifest, i))
    yield "</div>\n"


def _section(entries, word, thumbnail, twins):
    """Show the pictures that can be shown, then name the others."""
    named = []
    shown = 0
    for entry in entries[:MOST_THUMBNAILS]:
        encoded = thumbnail(entry) if isinstance(entry, dict) else None
        if encoded is None:
            named.append(entry)
            continue
        yield "" if shown else '<div class="shown">\n'
        yield _figure(entry, word, encoded, twins)
        shown += 1
    yield "</div>\n" if shown else ""
    named += entries[MOST_THUMBNAILS:]
    yield "<ul>\n" if named else ""
    for entry in named:
        texts = [_text(_part(entry, key)) for key in ("file", "reason")]
        yield f"<li>{': '.join(filter(None, texts)) or 'not told'}</li>\n"
    yield "</ul>\n" if named else ""


def _figure(entry, word, encoded, twins):
    file, like = _part(entry, "file"), _part(entry, "like")
    own = f'<div class="frame">{_image(encoded, f"{file}, left out: {word}")}</div>{_text(file)}'
    reason = f'<span class="quiet">{_text(_part(entry, "reason"))}</span>'
    twin = twins.encode(entry)
    if twin is None:
        return f"<figure>{own}<figcaption>{reason}</figcaption></figure>\n"
    kept = f'<div class="frame">{_image(twin, f"{like}, kept")}</div>kept: {_text(like)}'
    return (
        f'<figure class="twins"><div>{own}</div><div>{kept}</div>'
        f"<figcaption>{reason}</figcaption></figure>\n"
    )


class _Twins:
    """Finds the pictures of the set that duplicates are like, by their place or their files."""

    def __init__(self, dataset, manifest):
        self.dataset = dataset
        self.index = {}
        for i, picture in enumerate(manifest["pictures"][: len(dataset)]):
            self.index.setdefault(_part(picture, "file"), i)

    def encode(self, entry):
        like = _part(entry, "like")
        # Of the faces of one page only the place tells which it is.
        i = entry.get("like_index") if like else None
        if type(i) is not int or not 0 <= i < len(self.dataset):
            i = self.index.get(like) if like else None
        return None if i is None else encode_thumbnail(Image.fromarray(self.dataset[i]))


def _part(entry, key):
    """Return a text of a manifest's entry, or an empty one if there is none."""
    value = entry.get(key) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _meaning(word):
    return f" – {html.escape(WORDS[word])}" if word in WORDS else ""


def _image(encoded, name):
    return f'<img src="{data_uri(encoded)}" alt="{_text(name)}">'


def _text(text):
    """Make any text fit to stand in HTML, between tags and between quotation marks."""
    return html.escape(printable(text, _LONGEST))
