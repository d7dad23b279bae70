"""Faces by OpenCV's cascade classifiers: those that come with it, and any other's XML file."""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

from illust_gan.datasets.errors import DatasetError
from illust_gan.errors import printable

BUNDLED = (
    "frontalface_default",
    "frontalface_alt",
    "frontalface_alt2",
    "frontalface_alt_tree",
    "profileface",
    "frontalcatface",
    "frontalcatface_extended",
)
"""Short names of the cascades for faces that OpenCV's packages bring along."""

MAX_EDGE = 2048
"""Larger pictures are searched shrunk to this longest edge, which takes seconds, not minutes."""

# The largest of OpenCV's own has 2.7 MB.
_MAX_BYTES = 64_000_000

_WANTED = "wanted the XML file of a cascade classifier, such as lbpcascade_animeface.xml"


class Cascade:
    """Finds faces with a cascade of weak classifiers (Viola and Jones, CVPR 2001) in OpenCV.

    The picture is turned grey and its histogram is equalised, as the authors of the usual
    cascades do; one with a longer edge than :data:`MAX_EDGE` is shrunk to it first, so that the
    faces of a huge picture must be larger than ``min_face`` to be found. Faces down to half of
    ``min_face`` are found too: the caller can then say that they are too small. The same picture
    gives the same boxes, as OpenCV is held to one thread, in the whole process.

    OpenCV trusts the numbers in a cascade, and a forged one can crash it. Take cascades from their
    authors.

    Args:
        path (str or os.PathLike): The cascade's XML file, in the format of any OpenCV since 1.
        min_face (int): Edge, in pixels of the picture, of the smallest face that is wanted.
        neighbours (int): How many overlapping hits make a face; with fewer, more faces and more
            mistakes are found.
        scale (float): Ratio of the sizes that are tried one after the other, above 1.

    Attributes:
        path (str): The XML file, absolute.
        arguments (dict): What makes an equal cascade in another process,
            ``Cascade(**arguments)``; it survives JSON.
        settings (dict): What it takes to find the same faces again, as JSON and without a place
            on this disk: ``cascade`` (the file's own name), ``sha256``, ``opencv`` (the version),
            ``min_face``, ``neighbours`` and ``scale``.

    Raises:
        DatasetError: If OpenCV is not installed, the file is no cascade or a number is out of
            range.

    >>> import numpy as np
    >>> cascade = Cascade(bundled_path("frontalface_alt2"), min_face=48)
    >>> cascade(np.full((200, 300, 3), 255, np.uint8)).shape
    (0, 4)
    >>> cascade.settings["cascade"]
    'haarcascade_frontalface_alt2.xml'
    """

    def __init__(self, path, *, min_face, neighbours=5, scale=1.1):
        for name, value, wanted, is_right in (
            ("min_face", min_face, "1 or more pixels", min_face >= 1),
            ("neighbours", neighbours, "0 or more", neighbours >= 0),
            ("scale", scale, "more than 1", scale > 1),
        ):
            if not is_right:
                raise DatasetError(f"{name} is {value}; wanted {wanted}")
        self._cv2 = _import_opencv()
        self.path = os.path.abspath(path)
        xml = _read_xml(path)
        self._classifier = _load(self._cv2, xml, path)
        numbers = {"min_face": min_face, "neighbours": neighbours, "scale": scale}
        self.arguments = {"path": self.path, **numbers}
        self.settings = {
            "cascade": os.path.basename(self.path),
            "sha256": hashlib.sha256(xml).hexdigest(),
            "opencv": self._cv2.__version__,
            **numbers,
        }

    def __call__(self, pixels):
        """Find the faces in a picture.

        Args:
            pixels (numpy.ndarray): uint8 of shape :math:`(H, W, 3)`, RGB.

        Returns:
            numpy.ndarray: int64 of shape :math:`(N, 4)`: left, top, right and bottom of each
            face, in no particular order.
        """
        cv2 = self._cv2
        height, width = pixels.shape[:2]
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        shrink = max(1, max(height, width) / MAX_EDGE)
        if shrink > 1:
            size = [max(1, round(edge / shrink)) for edge in (width, height)]
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        least = max(1, int(self.arguments["min_face"] / 2 / shrink))
        found = self._classifier.detectMultiScale(
            cv2.equalizeHist(grey),
            scaleFactor=self.arguments["scale"],
            minNeighbors=self.arguments["neighbours"],
            minSize=(least, least),
        )
        # Left, top, width and height; without a face it is an empty tuple.
        found = np.asarray(found, np.int64).reshape(-1, 4)
        boxes = np.hstack([found[:, :2], found[:, :2] + found[:, 2:]])
        back = np.array([width / grey.shape[1], height / grey.shape[0]] * 2)
        return np.rint(boxes * back).astype(np.int64)


def bundled_path(name):
    """Find a cascade that came with OpenCV.

    Args:
        name (str): One of :data:`BUNDLED`, or the name of its file in OpenCV.

    Returns:
        str or None: The XML file; ``None`` if it is none of these.

    Raises:
        DatasetError: If OpenCV, or its cascades, are not installed.

    >>> bundled_path("haarcascade_profileface.xml") == bundled_path("profileface")
    True
    """
    name = name.removeprefix("haarcascade_").removesuffix(".xml")
    if name not in BUNDLED:
        return None
    data = getattr(_import_opencv(), "data", None)
    path = Path(getattr(data, "haarcascades", ""), f"haarcascade_{name}.xml")
    if not path.is_file():
        raise DatasetError(
            f"this OpenCV came without {path.name}; pip install 'opencv-python-headless>=4.10,<5', "
            "or give the path of a cascade's XML file"
        )
    return str(path)


def _import_opencv():
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise DatasetError(
            "faces are found with OpenCV, which is not installed; "
            "pip install 'opencv-python-headless>=4.10,<5', or give a function of your own"
        ) from error
    except ImportError as error:
        raise DatasetError(
            f"faces are found with OpenCV, which cannot be loaded ({printable(str(error), 200)}); "
            "pip install --upgrade 'opencv-python-headless<5', or give a function of your own"
        ) from error
    if not hasattr(cv2, "CascadeClassifier"):
        raise DatasetError(
            f"OpenCV {cv2.__version__} has no cascade classifiers; "
            "pip install 'opencv-python-headless>=4.10,<5', or give a function of your own"
        )
    # Its threads would add the faces in any order, and the cores are busy with other pictures.
    cv2.setNumThreads(1)
    return cv2


def _read_xml(path):
    shown = printable(os.fspath(path), 200)
    if not os.path.isfile(path):
        what = "is not a file" if os.path.exists(path) else "does not exist"
        raise DatasetError(f"{shown} {what}; {_WANTED}")
    try:
        with open(path, "rb") as f:
            xml = f.read(_MAX_BYTES + 1)
    except OSError as error:
        raise DatasetError(f"{shown} cannot be read: {error.strerror}; {_WANTED}") from error
    start = xml[:65536].lower()
    if b"<html" in start or b"<!doctype html" in start:
        raise DatasetError(
            f"{shown} is a web page, perhaps the one round the cascade; "
            "download the XML file itself («Raw» on GitHub)"
        )
    if len(xml) > _MAX_BYTES or b"<opencv_storage" not in start:
        raise DatasetError(f"{shown} is no cascade of OpenCV; {_WANTED}")
    return xml


def _load(cv2, xml, path):
    classifier = cv2.CascadeClassifier()
    # OpenCV reads the old format from files only, and opens none whose name is not in UTF-8.
    with tempfile.NamedTemporaryFile(suffix=".xml") as f:
        f.write(xml)
        f.flush()
        try:
            if classifier.load(f.name):
                return classifier
        except cv2.error as error:
            cause = error
        else:
            cause = None
    raise DatasetError(
        f"{printable(os.fspath(path), 200)} is a broken cascade: OpenCV {cv2.__version__} does not "
        f"load it; {_WANTED}, whole"
    ) from cause
