"""A folder of pictures becomes a packed data set."""

import PIL
from tqdm import tqdm

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.folder import PictureFolder
from illust_gan.datasets.pictures import read_picture
from illust_gan.datasets.writer import write_packed


def pack_pictures(folder, out, size, *, progress=False, overwrite=False):
    """Pack the pictures of a folder, and of the folders inside it, into one data set.

    Each becomes a square of RGB as :func:`~illust_gan.datasets.read_picture` says. One that
    cannot be read is left out and named, with its reason, in ``manifest["left_out"]``. The order
    is that of :class:`~illust_gan.datasets.folder.PictureFolder`; ``manifest["sources"]`` holds
    the file name of every picture of the set.

    Args:
        folder (str or os.PathLike): Where the pictures are.
        out (str or os.PathLike): Name of the set, with or without ``.npy``.
        size (int): Edge length of the pictures in the set.
        progress (bool): Show a bar with the time left on stderr.
        overwrite (bool): Replace a set of this name instead of raising an error.

    Returns:
        PackedDataset: The set, opened.

    Raises:
        DatasetError: If there is no such folder, no picture in it or none that can be read, or
            if the name ``out`` is taken.

    >>> import pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("L", (80, 60)).save(f"{folder}/1.png")
    ...     _ = pathlib.Path(folder, "2.png").write_text("not a picture")
    ...     dataset = pack_pictures(folder, f"{folder}/packed", 64)
    ...     dataset.pixels.shape, dataset.manifest["left_out"][0]["file"]
    ((1, 64, 64, 3), '2.png')
    """
    source = PictureFolder(folder)
    files = []
    left_out = list(source.unreadable)
    return write_packed(
        out,
        size,
        _read_all(source, size, files, left_out, progress),
        sources=[{"folder": source.name, "files": files}],
        left_out=left_out,
        settings={"made_by": "pack_pictures", "size": size, "pillow": PIL.__version__},
        overwrite=overwrite,
    )


def _read_all(source, size, files, left_out, progress):
    """Yield the pictures that can be read; note which they are and which are not."""
    for file in tqdm(source.pictures, desc="packing", unit="picture", disable=not progress):
        try:
            picture = read_picture(source.path / file, size)
        except PictureError as error:
            left_out.append({"file": file, "reason": error.reason})
        else:
            files.append(file)
            yield picture
    if not files:
        named = "; ".join(f"{picture['file']}: {picture['reason']}" for picture in left_out[:3])
        more = f"; and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        raise DatasetError(
            f"No picture in {source.path}/ can be read: {len(source.pictures)} tried "
            f"({named}{more}); wanted at least one intact picture"
        )
