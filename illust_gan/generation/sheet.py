"""Many faces on one picture."""

import numpy as np
from PIL import Image

from illust_gan.files import replacing


def sheet(faces, *, columns=8):
    """Lay faces out in rows on one picture, without gaps, as the articles show them.

    In a notebook the result shows itself.

    Args:
        faces (numpy.ndarray): uint8 (N, H, W, 3), or (N, H, W, 1) for greyscale; N at least 1.
        columns (int): Faces in a row; the last row may be shorter, and is then filled with white.

    Returns:
        PIL.Image.Image: RGB, or L for greyscale.

    Raises:
        ValueError: If there is no face or no column.

    Example:
        >>> sheet(np.zeros((5, 64, 64, 3), np.uint8), columns=4).size
        (256, 128)
    """
    faces = np.asarray(faces)
    if faces.ndim != 4 or not len(faces) or columns < 1:
        raise ValueError(
            f"a sheet wants faces of shape (N, H, W, 3) with N at least 1 and one column or more; "
            f"given {faces.shape} and {columns} columns"
        )
    n, height, width, channels = faces.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    canvas = np.full((rows * columns, height, width, channels), 255, np.uint8)
    canvas[:n] = faces
    canvas = canvas.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    canvas = canvas.reshape(rows * height, columns * width, channels)
    return Image.fromarray(canvas if channels == 3 else canvas[:, :, 0])


def save_picture(picture, path):
    """Save a picture as PNG, whole or not at all.

    Args:
        picture (PIL.Image.Image): What to save.
        path (str or os.PathLike): Name of the file.

    Raises:
        OSError: If it cannot be written.
    """
    with replacing(path) as f:
        picture.save(f, format="PNG")
