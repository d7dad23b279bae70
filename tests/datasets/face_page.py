"""A page of drawn faces, for the tests."""

import numpy as np

import illust_gan

TILE, GAP, COLUMNS, ROWS = 96, 48, 4, 3


def draw_page(folder):
    """Draw twelve faces with gaps on white, of a seed of which OpenCV's cascade knows all.

    Args:
        folder (pathlib.Path): For the data set of the faces.

    Returns:
        numpy.ndarray: uint8 of shape (480, 624, 3).
    """
    faces = illust_gan.make_avatars(
        folder / "faces", size=TILE, n=COLUMNS * ROWS, seed=10, styles=("notionists",)
    )
    height, width = (n * (TILE + GAP) + GAP for n in (ROWS, COLUMNS))
    page = np.full((height, width, 3), 255, np.uint8)
    for face, (left, top) in zip(faces, corners()):
        page[top : top + TILE, left : left + TILE] = face
    return page


def corners():
    """Return left and top of each face."""
    step = TILE + GAP
    return [(GAP + c * step, GAP + r * step) for r in range(ROWS) for c in range(COLUMNS)]
