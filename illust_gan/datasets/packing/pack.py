"""A folder, a zip archive or a list of pictures becomes a packed data set."""

import contextlib
import errno
import os
from pathlib import Path

from illust_gan.datasets.errors import DatasetError
from illust_gan.datasets.packed import PackedDataset
from illust_gan.datasets.packed_files import packed_paths
from illust_gan.datasets.packing import finish
from illust_gan.datasets.packing.duplicates import NEAR
from illust_gan.datasets.packing.folder_labels import FolderLabels
from illust_gan.datasets.packing.job import Job, checked_number
from illust_gan.datasets.packing.run import Run
from illust_gan.datasets.packing.unfinished import Unfinished
from illust_gan.datasets.report import check_report_name
from illust_gan.datasets.sources import open_source
from illust_gan.datasets.writer import check_free

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def pack(
    source,
    out,
    size=64,
    *,
    fit="crop",
    background="white",
    min_size=None,
    duplicates="drop",
    near=NEAR,
    faces=None,
    face_margin=0.3,
    min_face=None,
    face_neighbours=5,
    max_megapixels=64,
    labels="none",
    credits=(),
    report=None,
    debug_boxes=None,
    workers=None,
    progress=False,
    say=None,
    overwrite=False,
):
    """Pack pictures of any size and kind into one data set of squares.

    Whatever a file holds, it becomes upright 8-bit sRGB as
    :func:`~illust_gan.datasets.read_picture` says. What is no good is left out, and named with
    its reason in ``manifest["left_out"]``; one bad file never ends the run. The same source and
    options give the same bytes with any number of workers.

    An interrupted run keeps what it has done in the hidden folder ``.NAME.packing`` beside
    ``out``, and the same call goes on from there. A set that had the name before stays whole until
    the new one is.

    Args:
        source (str or os.PathLike): A folder of pictures, at any depth; a zip archive of them; or
            a text file with a path a line.
        out (str or os.PathLike): Name of the set, with or without ``.npy``. The folder is made.
        size (int): Edge length of the squares, 1 to 4096.
        fit (str): ``"crop"`` takes the central square, ``"pad"`` the whole picture on
            ``background``, ``"stretch"`` the whole picture out of proportion.
        background (str): Colour beneath what is transparent or padded; a name, or ``#rrggbb``.
        min_size (int): Pictures whose shorter edge is less are left out; half of ``size`` if
            omitted. 0 takes all.
        duplicates (str): ``"drop"`` leaves out pictures that are the same as, or nearly the same
            as, an earlier one; ``"exact"`` only the same; ``"keep"`` none.
        near (int): Bits of 64, 0 to 16, in which the perceptual hashes of nearly the same pictures
            may differ. Their colours must be alike too.
        faces (str, os.PathLike or callable): Pack the faces in the pictures instead of the
            pictures. The path of an OpenCV cascade (XML), the name of one that comes with OpenCV,
            ``"module:function"``, or a function: it is given pixels, uint8 of shape (H, W, 3),
            read-only, and returns boxes, (N, 4), of left, top, right and bottom. It is called in
            this process. An interrupted run knows it by its name only.
        face_margin (float): What is taken around a face on each side, in widths of the face.
        min_face (int): Smaller faces are left out; half of ``size`` if omitted.
        face_neighbours (int): How many overlapping finds make a face, for a cascade; fewer find
            more, right ones and wrong ones.
        max_megapixels (int): Larger pictures are refused before they are decoded.
        labels (str): ``"folder"`` labels each picture with the name of the folder directly inside
            ``source`` that it lies in, however deep; of a list, with that of the folder that it
            lies in. Pictures in no such folder are left out. Names are in natural order, those
            alone of which a picture is packed. Of duplicates with different labels the first is
            kept, and ``left_out`` has ``other_label`` for the rest. ``"none"`` labels nothing.
        credits (sequence of str): Whose pictures they are and on what terms, for the manifest.
        report (str or os.PathLike): Name of an HTML file that shows what was left out and why.
        debug_boxes (str or os.PathLike): Folder for sheets of all pictures with their faces'
            boxes.
        workers (int): Processes that decode; as many as there are cores if omitted.
        progress (bool): Show a bar with rate and time left on stderr.
        say (callable): Is told in a line of text if an unfinished run is gone on with or not, and
            of each folder that is no label for want of pictures.
        overwrite (bool): Replace a set of this name instead of raising an error.

    Returns:
        PackedDataset: The set, opened.

    Raises:
        DatasetError: If there is no such source, nothing in it can be packed, an option is out of
            its range, the name ``out`` is taken, the disk is full, or labels are wanted and there
            are not 2 to 1000 with names that can be shown.

    >>> import pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.linear_gradient("L").save(f"{folder}/1.png")
    ...     Image.linear_gradient("L").save(f"{folder}/2.bmp")
    ...     _ = pathlib.Path(folder, "3.png").write_text("not a picture")
    ...     dataset = pack(folder, f"{folder}/packed", 64)
    ...     dataset.pixels.shape, [(x["file"], x["word"]) for x in dataset.manifest["left_out"]]
    ((1, 64, 64, 3), [('2.bmp', 'duplicate'), ('3.png', 'format')])
    """
    job = Job(
        size=size,
        fit=fit,
        background=background,
        min_size=min_size,
        duplicates=duplicates,
        near=near,
        faces=faces,
        face_margin=face_margin,
        min_face=min_face,
        face_neighbours=face_neighbours,
        max_megapixels=max_megapixels,
        labels=labels,
    )
    if debug_boxes is not None and faces is None:
        raise DatasetError("debug_boxes shows where faces were found; give faces (--faces) too")
    if workers is not None:
        workers = checked_number("workers", workers, 1, 1024, "processes")
    if isinstance(credits, str):
        raise DatasetError(f"credits is {credits!r}; wanted a list of such texts")
    if report is not None:
        check_report_name(report)
    data, _ = packed_paths(out)
    check_free(data, overwrite)
    pictures = open_source(source)
    folder_labels = FolderLabels(pictures) if labels == "folder" else None
    wanted = {"thumbnails": report is not None, "boxes": debug_boxes is not None}
    job.for_workers.update(wanted, source=[pictures.kind, os.path.abspath(pictures.path)])
    with _told_of_a_full_disk(data):
        data.parent.mkdir(parents=True, exist_ok=True)
        if report is not None:
            # Where there can be no report is told before hours of packing.
            Path(report).parent.mkdir(parents=True, exist_ok=True)
        unfinished = Unfinished(data, job.settings["size"], job.fingerprint(pictures, wanted))
        with contextlib.closing(unfinished):
            run = Run(job, pictures, unfinished)
            n_done = run.go_on()
            if say is not None and unfinished.is_of_another_job:
                say("beginning anew: the run that was interrupted had another source or options")
            elif say is not None and n_done:
                say(f"going on at {n_done:,} of {len(pictures.pictures):,} pictures")
            run.finish(workers or len(os.sched_getaffinity(0)), progress)
            if debug_boxes is not None:
                finish.write_boxes(debug_boxes, unfinished)
            try:
                finish.refuse_empty(unfinished, pictures)
                if folder_labels is not None:
                    folder_labels.settle(unfinished)
                    for name in folder_labels.unused if say is not None else ():
                        say(f"{name} is no label, as none of its pictures is in the set")
            except DatasetError:
                unfinished.remove()
                raise
            manifest = finish.describe(
                unfinished, pictures, data.stem, job.settings, credits, folder_labels
            )
            finish.give_name(unfinished, data, manifest)
            try:
                dataset = PackedDataset(data)
                if report is not None:
                    with _told_of_no_report(report, data):
                        finish.show_left_out(report, unfinished, dataset)
            finally:
                # Its pixels have gone, so no run can go on from the rest.
                unfinished.remove()
    return dataset


@contextlib.contextmanager
def _told_of_a_full_disk(data):
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DatasetError(
            f"could not write {data}: {error.strerror}; make room, and the same command goes on "
            "where it stopped"
        ) from error


@contextlib.contextmanager
def _told_of_no_report(report, data):
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"{data} is packed, but its report {report} could not be written: {error.strerror}; "
            "to have it, pack again with --force (in Python, overwrite=True)"
        ) from error
