"""What is to be done with each picture: options checked, and told to manifest and workers."""

import hashlib
import json
import math
import numbers

import PIL

import illust_gan
from illust_gan.datasets.cascades import Cascade
from illust_gan.datasets.colours import parse_colour
from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.faces import detector_name, find_detector
from illust_gan.datasets.fitting import FITS
from illust_gan.datasets.packing.folder_labels import LABELS
from illust_gan.datasets.packing.limits import SECONDS
from illust_gan.datasets.writer import MAX_SIZE

DUPLICATES = ("drop", "exact", "keep")


class Job:
    """The options of :func:`~illust_gan.datasets.pack`, checked.

    Attributes:
        detector (callable): Finds faces, or None.
        settings (dict): What the manifest says of it.
        for_workers (dict): What :class:`.workshop.Workshop` wants, but for the source.

    Raises:
        DatasetError: If an option is out of its range.
    """

    def __init__(
        self,
        *,
        size,
        fit,
        background,
        min_size,
        duplicates,
        near,
        faces,
        face_margin,
        min_face,
        face_neighbours,
        max_megapixels,
        labels="none",
    ):
        size = checked_number("size", size, 1, MAX_SIZE, "pixels")
        max_megapixels = checked_number("max_megapixels", max_megapixels, 1, 1000, "megapixels")
        near = checked_number("near", near, 0, 16, "bits")
        face_margin = checked_number(
            "face_margin", face_margin, 0, 10, "widths of the face", kind=float
        )
        if fit not in FITS:
            raise DatasetError(f"fit is {fit!r}; wanted one of {', '.join(FITS)}")
        if duplicates not in DUPLICATES:
            raise DatasetError(
                f"duplicates is {duplicates!r}; wanted one of {', '.join(DUPLICATES)}"
            )
        if labels not in LABELS:
            raise DatasetError(f"labels is {labels!r}; wanted one of {', '.join(LABELS)}")
        min_size = size // 2 if min_size is None else min_size
        min_face = size // 2 if min_face is None else min_face
        min_size = checked_number("min_size", min_size, 0, math.inf, "pixels")
        min_face = checked_number("min_face", min_face, 0, math.inf, "pixels")
        self.near = near if duplicates == "drop" else None
        self.finds_duplicates = duplicates != "keep"
        self.detector = None
        spec, told = None, None
        if faces is not None:
            self.detector = find_detector(faces, min_face=min_face, neighbours=face_neighbours)
            is_cascade = isinstance(self.detector, Cascade)
            spec = self.detector.arguments if is_cascade else "ask"
            told = self.detector.settings if is_cascade else detector_name(self.detector)
        rgb = parse_colour(background)
        self.settings = {
            "made_by": "pack",
            "size": size,
            "fit": fit,
            "background": "#{:02x}{:02x}{:02x}".format(*rgb),
            "min_size": min_size,
            "duplicates": duplicates,
            "near": near,
            "faces": told,
            **({"face_margin": face_margin, "min_face": min_face} if faces is not None else {}),
            "max_megapixels": max_megapixels,
            # Sets without labels have the same bytes whether or not there is this option.
            **({"labels": labels} if labels != "none" else {}),
            "illust_gan": illust_gan.__version__,
            "pillow": PIL.__version__,
        }
        self.for_workers = {
            "size": size,
            "fit": fit,
            "background": rgb,
            "min_size": min_size,
            "faces": spec,
            "face_margin": face_margin,
            "min_face": min_face,
            "max_pixels": max_megapixels * 1_000_000,
            "seconds": SECONDS,
        }

    def fingerprint(self, source, *more):
        """Tell this job on this source from any other.

        Args:
            source: From :func:`~illust_gan.datasets.sources.open_source`.
            more: What else is to be done, as JSON.

        Returns:
            str: 64 hexadecimal digits.
        """
        told = json.dumps([self.settings, source.kind, source.stamp(), more], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def checked_number(name, value, least, most, unit, *, kind=int):
    """Return an option as one of Python's numbers, which JSON can say.

    Raises:
        DatasetError: If it is none, or out of its range.
    """
    among = numbers.Integral if kind is int else numbers.Real
    if not isinstance(value, among) or not least <= value <= most:
        wanted = f"{least} or more" if most == math.inf else f"{least} to {most}"
        whole = ", a whole number" if isinstance(value, float) and kind is int else ""
        raise DatasetError(f"{name} is {value!r}; wanted {wanted} {unit}{whole}")
    return kind(value)
