"""What is done with one picture: read, look for faces, crop, resize, and judge the result."""

import hashlib
import io

import numpy as np
from PIL import Image

from illust_gan.datasets import colours, faces, fitting, perceptual_hash, pictures, sources
from illust_gan.datasets.box_sheets import boxed_thumbnail
from illust_gan.datasets.cascades import Cascade
from illust_gan.datasets.errors import PictureError
from illust_gan.datasets.packing.limits import LARGE
from illust_gan.datasets.thumbnail import encode_thumbnail

# JPEG makes that many levels of a plain colour.
_BLANK = 8


class Workshop:
    """Makes the squares of one picture after another.

    Args:
        job (dict): ``source`` (kind and path), ``size``, ``fit``, ``background`` (red, green,
            blue), ``min_size``, ``faces`` (None; ``"ask"`` for a function of the parent's; or
            the ``arguments`` of a cascade), ``face_margin``, ``min_face``, ``thumbnails`` and
            ``boxes`` (whether small pictures are wanted of what is left out, and of all with
            their boxes), and ``max_pixels``.
        ask (callable): Sends a question (dict) and bytes to the parent, returns its answer.
    """

    def __init__(self, job, ask):
        self._job = job
        self._ask = ask
        self._background = tuple(job["background"])
        self._reader = sources.reader(*job["source"])
        self._detector = None
        if job["faces"] == "ask":
            self._detector = self._ask_for_boxes
        elif job["faces"] is not None:
            self._detector = Cascade(**job["faces"])

    def make(self, file):
        """Read one picture.

        Args:
            file (str): Its name in the source.

        Returns:
            tuple: A dict and a list of byte strings. The dict has ``sha256`` of the file,
            ``width`` and ``height`` of the picture and ``crops``: one dict for each square, with
            ``square``, its place in the list, or for each reason why there is none, with ``word``
            and ``reason``.

        Raises:
            PictureError: If it cannot be read.
        """
        job = self._job
        with self._reader.open(file) as f:
            try:
                sha256 = hashlib.file_digest(f, "sha256").hexdigest()
                f.seek(0)
            except OSError as error:
                raise PictureError(file, error.strerror or str(error), "unreadable") from error
            image = pictures.decode(
                f,
                file,
                max_pixels=job["max_pixels"],
                shrink_to=None if self._detector else (job["size"], job["size"]),
                admit=self._admit,
            )
        width, height = image.info["original_size"]
        made = {"sha256": sha256, "width": width, "height": height}
        bodies = []
        if min(width, height) < job["min_size"]:
            reason = f"it has {width}×{height} pixels, and --min-size is {job['min_size']}"
            crops = [self._left_out(image, None, "small", reason, bodies)]
        elif self._detector is None:
            crops = [self._crop(image, None, bodies)]
        else:
            crops = self._face_crops(image, made, bodies)
        return {**made, "crops": crops}, bodies

    def _admit(self, pixels):
        if pixels >= LARGE:
            self._ask({"large": pixels})

    def _face_crops(self, image, made, bodies):
        job = self._job
        shown = colours.to_rgb(image, self._background)
        if image.mode in ("LA", "RGBA"):
            # Each face would have the whole page multiplied by its transparency once more.
            shown.info.update(image.info)
            image = shown
        boxes = faces.check_boxes(self._detector(np.asarray(shown)), *image.size)
        crops, outlined = [], []
        for box in boxes:
            square = faces.face_square(box, *image.size, job["face_margin"])
            kept = faces.is_large_enough(box, job["min_face"])
            outlined.append((square, kept))
            if kept:
                crops.append(self._crop(image, square, bodies))
            else:
                size = f"{box[2] - box[0]}×{box[3] - box[1]}"
                reason = f"the face has {size} pixels, and --min-face is {job['min_face']}"
                crops.append(self._left_out(image, square, "small", reason, bodies))
        if not boxes:
            crops.append(self._left_out(image, None, "no face", "no face was found in it", bodies))
        if job["boxes"]:
            made["boxes"] = _add(bodies, _png(boxed_thumbnail(shown, outlined)))
        return crops

    def _crop(self, image, box, bodies):
        job = self._job
        pixels = fitting.to_square(
            image, job["size"], fit=job["fit"], background=self._background, box=box
        )
        extrema = Image.fromarray(pixels).getextrema()
        if job["size"] > 1 and max(most - least for least, most in extrema) <= _BLANK:
            return self._left_out(image, box, "blank", "it is of one colour", bodies)
        return {
            "phash": f"{perceptual_hash.phash(pixels[None])[0]:016x}",
            "pixels": hashlib.sha256(pixels).hexdigest(),
            **({"box": box} if box else {}),
            "square": _add(bodies, pixels),
        }

    def _left_out(self, image, box, word, reason, bodies):
        crop = {"word": word, "reason": reason, **({"box": box} if box else {})}
        if self._job["thumbnails"]:
            part = image.crop(box) if box else image
            shown = encode_thumbnail(colours.to_rgb(part, self._background))
            crop["thumbnail"] = _add(bodies, shown)
        return crop

    def _ask_for_boxes(self, pixels):
        return self._ask({"shape": pixels.shape}, [np.ascontiguousarray(pixels)])["boxes"]


def _add(bodies, body):
    bodies.append(body)
    return len(bodies) - 1


def _png(image):
    # JPEG would blur the boxes' thin lines.
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
