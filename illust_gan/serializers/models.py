"""Trained generators that come with the package, by their names.

Each is a folder with ``generator.npz``, ``directions.npz``, ``sheet.png`` (64 faces of seed 0) and
``card.md``, which says what it was trained on, by which command, and what it cannot do. They lie in
``models/`` of a checkout, and in the package where it was installed from a wheel.
"""

import dataclasses
import difflib
import os
import pathlib

_PACKAGE = pathlib.Path(__file__).parent.parent
_FOLDERS = (_PACKAGE / "models", _PACKAGE.parent / "models")


@dataclasses.dataclass(frozen=True)
class Model:
    """One trained generator.

    Attributes:
        name (str): Such as ``"rezoolab-avatars"``.
        folder (pathlib.Path): Where its files are.
    """

    name: str
    folder: pathlib.Path

    @property
    def generator(self):
        """pathlib.Path: The snapshot."""
        return self.folder / "generator.npz"

    @property
    def card(self):
        """pathlib.Path: What it says of itself."""
        return self.folder / "card.md"

    @property
    def directions(self):
        """pathlib.Path: Directions with names, along which its faces change."""
        return self.folder / "directions.npz"

    @property
    def title(self):
        """str: The first line of its card."""
        with open(self.card, encoding="utf-8") as f:
            return f.readline().strip("# \n")


def list_models():
    """Return the models that are here.

    Returns:
        list of Model: By their names.

    Example:
        >>> "rezoolab-avatars" in [model.name for model in list_models()]
        True
    """
    found = {}
    for folder in _FOLDERS:
        for path in sorted(folder.glob("*/generator.npz")):
            found.setdefault(path.parent.name, Model(path.parent.name, path.parent))
    return [found[name] for name in sorted(found)]


def find_model(file):
    """Return the model of a name, or None if there is none or a file of that name goes first.

    Args:
        file (str or os.PathLike): What was given where a snapshot is wanted.
    """
    if not isinstance(file, str) or os.path.exists(file):
        return None
    return next((model for model in list_models() if model.name == file), None)


def find_snapshot(file):
    """Return the path of a snapshot that was given by its path or by the name of a model.

    A file of that name goes first.

    Args:
        file (str or os.PathLike): What was given.

    Returns:
        str or os.PathLike: ``file`` itself, or the path of a model's generator.
    """
    model = find_model(file)
    return file if model is None else str(model.generator)


def find_directions(file):
    """Return the path of a file of directions that was given by its path or a model's name.

    Args:
        file (str or os.PathLike): What was given.

    Returns:
        str or os.PathLike: ``file`` itself, or the path of a model's directions.
    """
    model = find_model(file)
    return file if model is None else str(model.directions)


def suggest(file):
    """Say which models there are, where a name is neither a file's nor a model's.

    Args:
        file (str or os.PathLike): What was given.

    Returns:
        str: Half a sentence; "" where it looks like the path of a file.
    """
    name, models = str(file), [model.name for model in list_models()]
    if not models or os.path.basename(name) != name or os.path.splitext(name)[1]:
        return ""
    near = difflib.get_close_matches(name, models, 1)
    perhaps = f" (perhaps {near[0]})" if near and len(models) > 1 else ""
    return f"a model: {', '.join(models)}{perhaps}"
