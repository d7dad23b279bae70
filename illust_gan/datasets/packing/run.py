"""From the pictures of a source to what is left of them, one after the other."""

import array

import numpy as np
from PIL import Image
from tqdm import tqdm

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.faces import check_boxes, detector_name
from illust_gan.datasets.packing.duplicates import Duplicates
from illust_gan.datasets.packing.limits import LARGE
from illust_gan.datasets.packing.pool import WorkerPool
from illust_gan.datasets.thumbnail import encode_thumbnail
from illust_gan.errors import printable
from illust_gan.own_functions import in_words

# Bytes of finished pictures that may wait for an earlier one that takes longer.
_WAITING = 2**26


class Run:
    """Hands pictures to the workers and puts down what comes back, in the pictures' order.

    What repeats an earlier picture is found here, because only here all of them come by.

    Args:
        job (Job): The options.
        source: From :func:`~illust_gan.datasets.sources.open_source`.
        unfinished (Unfinished): Where everything goes.
    """

    def __init__(self, job, source, unfinished):
        self._job = job
        self._source = source
        self._unfinished = unfinished
        self._duplicates = Duplicates(job.near, unfinished.square)
        # Of each packed picture, which of the source's it is from.
        self._numbers = array.array("I")
        self._n_left_out = 0

    def go_on(self):
        """Take over what an interrupted run has done; return how many pictures that were."""
        for number, entry in enumerate(self._unfinished.go_on()):
            for picture in entry["packed"]:
                self._remember(number, picture)
            self._n_left_out += len(entry["left_out"])
        return self._unfinished.n_done

    def finish(self, n_workers, progress):
        """Do the rest.

        Args:
            n_workers (int): Processes.
            progress (bool): Show a bar.
        """
        start = self._unfinished.n_done
        size = self._job.settings["size"]
        pool = WorkerPool(
            self._job.for_workers,
            n_workers,
            budget=max(self._job.for_workers["max_pixels"], n_workers * LARGE),
            find_boxes=self._find_boxes,
            window=max(2 * n_workers, min(256, _WAITING // (3 * size * size))),
        )
        bar = tqdm(
            total=len(self._source.pictures),
            initial=start,
            desc="packing",
            unit="picture",
            disable=not progress,
        )
        with pool, bar:
            for number, (head, bodies) in enumerate(pool.map(self._source.pictures[start:]), start):
                self._put_down(number, head, bodies)
                bar.set_postfix_str(f"{self._n_left_out} left out", refresh=False)
                bar.update()

    def _put_down(self, number, head, bodies):
        entry = {"file": self._source.pictures[number], "packed": [], "left_out": []}
        entry.update((key, head[key]) for key in ("sha256", "width", "height") if key in head)
        for crop in head.get("crops", [head]):
            if "word" not in crop:
                pixels = np.frombuffer(bodies[crop.pop("square")], np.uint8)
                self._pack(number, crop, pixels.reshape(self._unfinished.shape), entry)
            else:
                if "thumbnail" in crop:
                    crop["thumbnail"] = self._unfinished.keep_thumbnail(bodies[crop["thumbnail"]])
                entry["left_out"].append(crop)
        if "boxes" in head:
            entry["boxes"] = self._unfinished.keep_thumbnail(bodies[head["boxes"]])
        self._n_left_out += len(entry["left_out"])
        self._unfinished.note(entry)

    def _pack(self, number, picture, pixels, entry):
        found = None
        if self._job.finds_duplicates:
            found = self._duplicates.find(picture["pixels"], int(picture["phash"], 16), pixels)
        if found is None:
            self._unfinished.add(pixels)
            self._remember(number, picture)
            entry["packed"].append(picture)
            return
        word, index = found
        like = self._source.pictures[self._numbers[index]]
        what = "has the same pixels as" if word == "duplicate" else "is nearly the same as"
        reason = {"word": word, "reason": f"it {what} {like}", "like": like, "like_index": index}
        if "box" in picture:
            reason["box"] = picture["box"]
        if self._job.for_workers["thumbnails"]:
            reason["thumbnail"] = self._unfinished.keep_thumbnail(
                encode_thumbnail(Image.fromarray(pixels))
            )
        entry["left_out"].append(reason)

    def _remember(self, number, picture):
        self._numbers.append(number)
        self._duplicates.add(picture["pixels"], int(picture["phash"], 16))

    def _find_boxes(self, file, pixels):
        """Call the user's own function, which may do anything."""
        name = detector_name(self._job.detector)
        try:
            boxes = self._job.detector(pixels)
        except Exception as error:
            raise DatasetError(
                f"the face detector {name} failed on {printable(file)}: {in_words(error)}"
            ) from error
        return check_boxes(boxes, pixels.shape[1], pixels.shape[0], detector=name)
