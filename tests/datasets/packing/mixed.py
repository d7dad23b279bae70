"""A large folder as users have it: kinds, sizes and faults mixed, the same for the same seed."""

import shutil

import numpy as np
from PIL import Image

from tests.datasets.packing.drawings import drawing

_SIZES = [(256, 256), (512, 512), (600, 800), (1024, 768), (96, 96), (1200, 1600)]
_KINDS = [".png", ".jpg", ".jpg", ".webp", ".gif", ".bmp", ".tif"]
_FAULTS = ["duplicate"] * 3 + ["near-duplicate"] * 3 + ["damaged"] * 2 + ["small", "format"]


def mix(folder, n, seed=0):
    """Fill a folder, and seven folders in it, with files.

    The first 90 of a hundred are different pictures. Then come three copies, three versions in
    JPEG, two that are cut short, one that is too small and one that is no picture.

    Args:
        folder (pathlib.Path): Where; the folders are made.
        n (int): Number of files.
        seed (int): Another seed gives other pictures.

    Returns:
        dict: Word → number of files that are to be left out for it, where nothing else is wanted
        than the defaults at a size of 64.
    """
    rng = np.random.RandomState(seed)
    expected, paths = {}, []
    for i in range(n):
        fault = _FAULTS[i % 100 - 90] if i % 100 >= 90 else None
        if fault:
            expected[fault] = expected.get(fault, 0) + 1
        width, height = _SIZES[rng.randint(len(_SIZES))]
        # Copies lie after their originals in natural order: in a later folder.
        inside = folder / ("zz" if fault else f"{i % 6}")
        inside.mkdir(parents=True, exist_ok=True)
        path = inside / f"{i}{_KINDS[rng.randint(len(_KINDS))]}"
        paths.append(path)
        if fault == "duplicate":
            shutil.copyfile(paths[i - 50], path)
        elif fault == "near-duplicate":
            with Image.open(paths[i - 50]) as image:
                image.convert("RGB").save(path.with_suffix(".jpg"), quality=70)
        elif fault == "small":
            drawing(seed + i, 20, 30).save(path)
        elif fault == "format":
            path.write_text("<!doctype html>")
        else:
            drawing(seed + i, width, height).save(path)
            if fault == "damaged":
                path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return expected


def contents(path):
    """Return the bytes of both files of a set."""
    return path.with_suffix(".npy").read_bytes(), path.with_suffix(".json").read_bytes()
