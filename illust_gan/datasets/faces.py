"""Where the faces are: the one interface of all detectors, and the square that is cropped.

A detector is anything that is called with a picture's pixels, uint8 of shape :math:`(H, W, 3)` in
RGB, and returns boxes, an :math:`(N, 4)` array or list of left, top, right and bottom in pixels.
"""

import os

import numpy as np

from illust_gan.datasets.cascades import BUNDLED, Cascade, bundled_path
from illust_gan.datasets.errors import DatasetError
from illust_gan.errors import printable
from illust_gan.own_functions import function_name, import_function, is_reference

_BOX = "(left, top, right, bottom)"


def find_detector(spec, *, min_face, neighbours):
    """Find the detector that the user means.

    Args:
        spec (str, os.PathLike or callable): The path of a cascade's XML file; the name of a
            cascade that comes with OpenCV, one of :data:`~illust_gan.datasets.cascades.BUNDLED`;
            ``"module:function"``, for which the current folder is put at the end of the places
            where Python looks for modules; or a detector itself, which is returned as it is.
        min_face (int): For cascades: see :class:`~illust_gan.datasets.cascades.Cascade`.
        neighbours (int): The same.

    Returns:
        callable: The detector.

    Raises:
        DatasetError: If it is none of these or cannot be loaded.

    >>> find_detector("frontalface_alt2", min_face=48, neighbours=3).settings["neighbours"]
    3
    """
    if callable(spec):
        return spec
    name = os.fspath(spec)
    path = name if os.path.isfile(name) else bundled_path(name)
    if path is None and name.endswith(".xml"):
        path = name
    if path is not None:
        return Cascade(path, min_face=min_face, neighbours=neighbours)
    if is_reference(name):
        return import_function(
            name,
            what="face detector",
            wanted=f"a function of a picture's pixels that returns boxes {_BOX}",
            example="my_faces:find",
            error=DatasetError,
        )
    raise DatasetError(
        f"no face detector «{printable(name)}»; wanted the path of a cascade's XML file, a "
        "function of your own as module:function, or one of OpenCV's cascades: "
        + ", ".join(BUNDLED)
    )


def detector_name(detector):
    """Say which detector it is, in a message or a manifest.

    Args:
        detector (callable): Any detector.

    Returns:
        str: The file's own name for a cascade, else ``module:function``.

    >>> detector_name(detector_name)
    'illust_gan.datasets.faces:detector_name'
    """
    if isinstance(detector, Cascade):
        return detector.settings["cascade"]
    return function_name(detector)


def check_boxes(boxes, width, height, *, detector="the detector"):
    """Check what a detector returned for a picture, and put it in order.

    Fractions are rounded outward, so that nothing of a face is lost, and what juts out of the
    picture is cut off.

    Args:
        boxes (array-like): Left, top, right and bottom of each face, in pixels, of shape
            :math:`(N, 4)`; without a face it may be ``None`` or anything empty.
        width (int): The picture's.
        height (int): The picture's.
        detector (str): What errors call the detector.

    Returns:
        list of tuple of int: The boxes from top to bottom, then from left to right.

    Raises:
        DatasetError: If it is anything else, or a box is empty or wholly outside the picture.

    >>> check_boxes([(50, 8, 90, 48), (-3, 2.5, 20, 30)], 80, 60)
    [(0, 2, 20, 30), (50, 8, 80, 48)]
    """
    if boxes is None:
        return []
    try:
        array = np.asarray(boxes)
    except Exception as error:  # a ragged list, or whatever a stranger's array raises
        raise _no_boxes(detector, printable(repr(boxes))) from error
    if not array.size:
        return []
    if array.dtype.kind not in "iuf":
        raise _no_boxes(detector, printable(repr(boxes)))
    if array.ndim != 2 or array.shape[1] != 4:
        raise _no_boxes(detector, f"numbers of shape {array.shape}")
    array = array.astype(np.float64)
    left, top, right, bottom = array.T
    inside = (right > 0) & (bottom > 0) & (left < width) & (top < height)
    fine = np.isfinite(array).all(axis=1) & (left < right) & (top < bottom) & inside
    if not fine.all():
        box = tuple(array[~fine][0].tolist())
        raise _no_boxes(detector, f"{box} in a picture of {width}×{height}")
    edges = np.concatenate([np.floor(array[:, :2]), np.ceil(array[:, 2:])], axis=1)
    edges = np.clip(edges, 0, [width, height, width, height]).astype(int).tolist()
    return sorted(map(tuple, edges), key=lambda box: (box[1], box[0], box))


def is_large_enough(box, min_face):
    """Say whether a face is worth cropping: the shorter edge of its box counts, without margin.

    Args:
        box (tuple of int): Left, top, right, bottom.
        min_face (int): The shortest edge that is wanted, in pixels.

    Returns:
        bool: Whether it is.

    >>> is_large_enough((0, 0, 48, 50), 48), is_large_enough((0, 0, 47, 90), 48)
    (True, False)
    """
    left, top, right, bottom = box
    return min(right - left, bottom - top) >= min_face


def face_square(box, width, height, margin):
    """Give the square of a picture that is cropped for a face.

    Its edge is the longer edge of the box times ``1 + 2 * margin``, but not longer than the
    picture's shorter edge. It lies round the box's centre, moved inward where it would leave the
    picture, and so always holds the centre; it holds the whole box if that fits into the picture's
    shorter edge.

    Args:
        box (tuple of int): Left, top, right, bottom, inside the picture.
        width (int): The picture's.
        height (int): The picture's.
        margin (float): What is added on each side, as a part of the longer edge; 0 or more.

    Returns:
        tuple of int: Left, top, right, bottom of an exact square.

    >>> face_square((40, 40, 60, 60), 200, 100, 0.25)
    (35, 35, 65, 65)
    >>> face_square((0, 40, 20, 60), 200, 100, 0.25)
    (0, 35, 30, 65)
    """
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    edge = min(round(longer * (1 + 2 * margin)), width, height)
    left = min(max((left + right - edge) // 2, 0), width - edge)
    top = min(max((top + bottom - edge) // 2, 0), height - edge)
    return left, top, left + edge, top + edge


def _no_boxes(detector, returned):
    return DatasetError(
        f"{detector} returned {returned}; wanted one {_BOX} a face, in pixels of the picture, with "
        "left < right and top < bottom; width and height do not belong in it"
    )
