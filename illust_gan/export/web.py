"""A generator as a web page: a folder of files that any server of files can show."""

import json
import os
import pathlib
import shutil

import illust_gan
from illust_gan.errors import printable
from illust_gan.export import runtime
from illust_gan.export.errors import ExportError
from illust_gan.export.onnx import export_onnx, find_recipe
from illust_gan.files import replacing_folder
from illust_gan.generation.directions import check_directions
from illust_gan.generation.unsupervised import sefa

PAGE = pathlib.Path(__file__).parent / "page"

SETTINGS = "site.json"
"""str: What tells the page's script what it shows, and others that a folder is such a page."""

MODEL = "generator.onnx"

_LICENSE = "onnxruntime-license.txt"
_DIRECTIONS = 8


def export_web(gen, out, *, directions=None, name="", about="", archive=None, overwrite=False):
    """Write a page that draws faces in the browser of whoever looks at it.

    The folder holds all that the page needs and asks no other server for anything: the generator
    as an ONNX model whose weights are stored as float16 (:func:`~illust_gan.export_onnx`), the
    scripts, and onnxruntime-web, which draws by WebGPU or WebAssembly. Faces of a seed are those
    that :func:`illust_gan.generate` draws, within a step of 8-bit pictures.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device; of nets with
            labels, one that :func:`illust_gan.with_label` has made.
        out (str or os.PathLike): Name of the folder; the one it lies in is there.
        directions (Directions): Of this generator, a slider for each; SeFa's first eight if None.
        name (str): Heading of the page; the net's, and the label's if there is one, if "".
        about (str): Text for those who ask: data, credits, licences.
        archive (str or os.PathLike): ``onnxruntime-web-….tgz`` as ``npm pack`` makes it; None for
            what was installed with this package.
        overwrite (bool): Whether a page of that name is replaced.

    Returns:
        float: The model's largest difference from Chainer's pictures, as of ``export_onnx``.

    Raises:
        ExportError: If onnxruntime-web or a package is missing, the name is taken, ``gen`` is no
            generator or draws several labels, or the model draws something else. Nothing is written
            then.
        UserError: If the directions are those of another generator.
        OSError: If a file cannot be written.
    """
    check_page(out, overwrite)
    find_recipe(gen)
    if directions is None:
        directions = sefa(gen, _DIRECTIONS)
    check_directions(directions, gen)
    with replacing_folder(out) as folder:
        # Before the model, which takes longer.
        _add_runtime(os.path.join(folder, "runtime"), archive)
        model = os.path.join(folder, MODEL)
        difference = export_onnx(gen, model, half=True, source=name)
        for path in PAGE.iterdir():
            if path.name != _LICENSE:
                shutil.copyfile(path, os.path.join(folder, path.name))
        settings = {
            "name": printable(name or heading(directions.net, gen)),
            "version": illust_gan.__version__,
            "nHidden": gen.n_hidden,
            "size": gen.size,
            "model": MODEL,
            "bytes": _sizes(folder),
            # As many digits as make the same float32 again.
            "directions": [
                {"name": name, "vector": [float(f"{number:.9g}") for number in vector]}
                for name, vector in zip(directions.names, directions.vectors)
            ],
            "about": about,
        }
        with open(os.path.join(folder, SETTINGS), "w", encoding="utf-8") as f:
            json.dump(settings, f, ensure_ascii=False, separators=(",", ":"))
    return difference


def heading(name, gen):
    """Return a page's heading: a name, and the label that the generator draws, if it knows labels.

    Args:
        name (str): Of the net or a file.
        gen (chainer.Chain): A generator.

    Example:
        >>> import illust_gan
        >>> from illust_gan.nets import kim_conditional
        >>> gen = kim_conditional.Generator(y_dim=2, gf_dim=8, gfc_dim=32)
        >>> gen.label_names = ("cats", "dogs")
        >>> heading("pets.npz", illust_gan.with_label(gen, "dogs"))
        'pets.npz: dogs'
    """
    return name if gen.label_name is None else f"{name}: {gen.label_name}"


def check_page(out, overwrite):
    """Raise :class:`ExportError` if a page cannot be written by a name.

    Args:
        out (str or os.PathLike): The name.
        overwrite (bool): Whether a page of that name may be replaced. Other folders never are,
            unless they are empty.
    """
    if not os.path.lexists(out) or (os.path.isdir(out) and not os.listdir(out)):
        return
    if not is_page(out):
        raise ExportError(f"{out} exists already and is no page of illust-gan; give another name")
    if not overwrite:
        raise ExportError(
            f"{out} exists already; give another name, or replace it with --force "
            "(in Python, overwrite=True)"
        )


def is_page(folder):
    """Tell whether a folder is what :func:`export_web` wrote."""
    return all(os.path.isfile(os.path.join(folder, name)) for name in (SETTINGS, MODEL))


def check_runtime(archive=None):
    """Raise :class:`ExportError` if onnxruntime-web is not at hand.

    Args:
        archive (str or os.PathLike): As for :func:`export_web`.
    """
    if archive is None and not runtime.is_there(runtime.FOLDER):
        raise ExportError(
            f"the page needs {runtime.PACKAGE} {runtime.VERSION}, which was not there when "
            f"illust-gan was installed, as npm was not; take it with npm pack {runtime.PACKAGE}@"
            f"{runtime.VERSION} and give it with --runtime {runtime.ARCHIVE}"
        )


def _add_runtime(folder, archive):
    check_runtime(archive)
    os.mkdir(folder)
    if archive is None:
        for name in runtime.FILES:
            shutil.copyfile(runtime.FOLDER / name, os.path.join(folder, name))
    else:
        try:
            runtime.unpack(archive, folder)
        except ValueError as error:
            raise ExportError(
                f"{archive} is refused: {error}; take it with npm pack {runtime.PACKAGE}@"
                f"{runtime.VERSION}"
            ) from error
    shutil.copyfile(PAGE / _LICENSE, os.path.join(folder, _LICENSE))


def _sizes(folder):
    names = [MODEL, *(f"runtime/{name}" for name in runtime.FILES if name.endswith(".gz"))]
    return {name: os.path.getsize(os.path.join(folder, name)) for name in names}
