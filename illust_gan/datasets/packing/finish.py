"""When all pictures are through: manifest, report and box sheets, and the set gets its name."""

import io
import os
from collections import Counter

from PIL import Image

from illust_gan.datasets.box_sheets import write_box_sheets
from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.manifest_writer import write_manifest
from illust_gan.datasets.packed_files import FORMAT, FORMAT_VERSION, packed_paths
from illust_gan.datasets.report import write_report
from illust_gan.errors import printable
from illust_gan.files import replacing


def describe(unfinished, source, name, settings, credits, labels=None):
    """Put the manifest together.

    Args:
        unfinished (Unfinished): All of whose pictures are done.
        source: What they come from.
        name (str): The set's.
        settings (dict): The options.
        credits (sequence of str): Whose pictures they are.
        labels (FolderLabels): What labels the pictures have, settled; None for none.

    Returns:
        dict: The manifest; ``pictures`` and ``left_out`` are generators.
    """
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": name,
        "count": unfinished.n_packed,
        "size": settings["size"],
        "sha256": unfinished.sha256.hexdigest(),
        "sources": [{source.kind: source.name, "found": len(source.pictures)}],
        "credits": [{"text": text} for text in credits],
        "settings": settings,
        **({"labels": labels.for_manifest()} if labels else {}),
        "pictures": _packed(unfinished, labels),
        "left_out": (_told(entry, labels) for entry in _left_out(unfinished, source)),
    }


def _packed(unfinished, labels):
    for entry in unfinished.entries():
        for picture in entry["packed"]:
            told = {key: entry[key] for key in ("file", "sha256", "width", "height")}
            label = {"label": labels.index(entry["file"])} if labels else {}
            yield {**told, **picture, **label}


def _left_out(unfinished, source):
    yield from source.left_out
    for entry in unfinished.entries():
        for reason in entry["left_out"]:
            yield {"file": entry["file"], **reason}


def _told(entry, labels):
    told = {
        key: entry[key]
        for key in ("file", "word", "reason", "like", "like_index", "box")
        if key in entry
    }
    if labels and "like" in entry and labels.differ(entry["file"], entry["like"]):
        told["reason"] += ", with another label"
        told["other_label"] = True
    return told


def refuse_empty(unfinished, source):
    """Raise :class:`DatasetError` if no picture has been packed.

    Args:
        unfinished (Unfinished): All of whose pictures are done.
        source: What they come from.
    """
    if unfinished.n_packed:
        return
    entries = list(_left_out(unfinished, source))
    words = Counter(entry["word"] for entry in entries)
    counted = ", ".join(f"{n} {word}" for word, n in words.most_common())
    first = "; ".join(
        f"{printable(entry['file'])}: {printable(entry['reason'], 200)}" for entry in entries[:3]
    )
    raise DatasetError(
        f"None of the pictures in {source.path} can be packed: {counted} ({first}"
        f"{'; …' if len(entries) > 3 else ''}); wanted at least one"
    )


def write_boxes(folder, unfinished):
    """Write the sheets of all pictures with their faces' boxes.

    Args:
        folder (str or os.PathLike): Where to; it is made.
        unfinished (Unfinished): With small pictures that have their boxes drawn.
    """
    write_box_sheets(
        folder,
        (
            (entry["file"], Image.open(io.BytesIO(unfinished.thumbnail(entry["boxes"]))))
            for entry in unfinished.entries()
            if "boxes" in entry
        ),
    )


def show_left_out(report, unfinished, dataset):
    """Write the report.

    Args:
        report (str or os.PathLike): The HTML file.
        unfinished (Unfinished): With small pictures of what was left out.
        dataset (PackedDataset): The set.
    """
    places = {
        _key({"file": entry["file"], **reason}): reason["thumbnail"]
        for entry in unfinished.entries()
        for reason in entry["left_out"]
        if "thumbnail" in reason
    }

    def thumbnail(entry):
        place = places.get(_key(entry))
        return None if place is None else unfinished.thumbnail(place)

    write_report(report, dataset, thumbnail)


def _key(entry):
    return entry["file"], tuple(entry.get("box", ()))


def give_name(unfinished, data, manifest):
    """Put pixels and manifest in their places, and the set that had the name out of them.

    Args:
        unfinished (Unfinished): All of whose pictures are done.
        data (pathlib.Path): The ``.npy``.
        manifest (dict): From :func:`describe`.
    """
    manifest_path = packed_paths(data)[1]
    with replacing(manifest_path) as f:
        write_manifest(f, manifest)
        # A full disk shows now at the latest, while the old set is still whole.
        f.flush()
        unfinished.complete_pixels()
        # A set that is cut off between its two renames must not pass for the old one.
        manifest_path.unlink(missing_ok=True)
        os.replace(unfinished.pixels_path, data)
