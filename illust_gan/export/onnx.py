"""A generator as an ONNX file, which runs where there is no Chainer: other languages, browsers."""

import os

import illust_gan
from illust_gan.errors import printable
from illust_gan.export.agreement import check_agreement
from illust_gan.export.errors import ExportError
from illust_gan.export.graph import make_model
from illust_gan.export.packages import import_packages
from illust_gan.export.steps import read_steps
from illust_gan.files import replacing
from illust_gan.generation.one_label import name_labels
from illust_gan.nets import NAMES, RECIPES


def export_onnx(gen, out, *, half=False, source="", overwrite=False):
    """Write a generator as an ONNX model, and keep it only if it draws what Chainer draws.

    The model has one input, "z": float32 (batch, n_hidden), on [-1, 1]; and one output, "picture":
    float32 (batch, channels, height, width), the channels red, green and blue, on [-1, 1] and with
    maccha not bounded. Batch normalisation, of test mode, is folded into the weights, and of nets
    with labels the one label that is drawn. What the discriminator or an optimiser needs is not in
    it.

    Args:
        gen (chainer.Chain): A generator of :mod:`illust_gan.nets`, on any device; of nets with
            labels, one that :func:`illust_gan.with_label` has made.
        out (str or os.PathLike): Name of the file; ends in ``.onnx``. Its folder is there.
        half (bool): Store weights as float16, in half the room; it is computed in float32 still.
        source (str or os.PathLike): Where the generator comes from; the file's own name is noted.
        overwrite (bool): Whether a file of that name is replaced.

    Returns:
        float: The largest difference from Chainer's pictures, on the scale of [-1, 1]: at most
        :data:`~illust_gan.export.agreement.BOUND`, and with ``half``
        :data:`~illust_gan.export.agreement.HALF_BOUND`.

    Raises:
        ExportError: If a package is missing, the name does not fit or is taken, ``gen`` is no
            generator or draws several labels, or the model draws something else. Nothing is written
            then.
        OSError: If the file cannot be written.

    Example:
        >>> import pytest, tempfile
        >>> _ = pytest.importorskip("onnxruntime")
        >>> from illust_gan.nets import rezoolab
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(rezoolab.Generator(), os.path.join(folder, "gen.onnx")) <= 1e-5
        True
    """
    check_name(out, overwrite)
    recipe = find_recipe(gen)
    packages = import_packages()
    # The copy shares its arrays with the original, which stays on its device.
    gen = gen.copy()
    gen.to_device("@numpy")
    model = make_model(
        packages[0],
        read_steps(gen, gen.n_hidden),
        n_hidden=gen.n_hidden,
        picture=(gen.channels, gen.size, gen.size),
        name=f"{recipe.name}-generator",
        metadata={
            "net": recipe.name,
            "article": recipe.article,
            "eps": f"{gen.eps:g}",
            "source": printable(os.path.basename(source)),
            **({} if gen.label_name is None else {"label": gen.label_name}),
            "weights": "float16" if half else "float32",
            "illust_gan_version": illust_gan.__version__,
        },
        half=half,
    )
    with replacing(out) as f:
        f.write(model.SerializeToString(deterministic=True))
        f.seek(0)
        return check_agreement(packages, f.read(), gen, half=half)


def find_recipe(gen):
    """Return the recipe of a generator that can be exported, or raise :class:`ExportError`.

    Args:
        gen (chainer.Chain): What was given.

    Returns:
        Recipe: Of :data:`illust_gan.nets.RECIPES`.
    """
    recipe = next((r for r in RECIPES.values() if isinstance(gen, r.Generator)), None)
    if recipe is None:
        raise ExportError(f"only a generator of {NAMES} is exported; given {gen!r}")
    if recipe.has_labels and gen.label is None:
        raise ExportError(
            "the generator draws several labels, and what is exported draws one; choose it with "
            f"illust_gan.with_label: {name_labels(gen.label_names)}"
        )
    return recipe


def check_name(out, overwrite):
    """Raise :class:`ExportError` if a model cannot be written by a name.

    Args:
        out (str or os.PathLike): The name.
        overwrite (bool): Whether a file of that name may be replaced.
    """
    if not os.fspath(out).lower().endswith(".onnx"):
        raise ExportError(f"{out} does not end in .onnx; give such a name")
    if os.path.isdir(out):
        raise ExportError(f"{out} is a folder; give another name, or remove it")
    if os.path.lexists(out) and not overwrite:
        raise ExportError(
            f"{out} exists already; give another name, or replace it with --force "
            "(in Python, overwrite=True)"
        )
