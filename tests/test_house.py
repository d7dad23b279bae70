"""Who may import whom, and that importing the package costs next to nothing."""

import ast
import pathlib
import subprocess
import sys

import pytest

import illust_gan

PACKAGE = pathlib.Path(illust_gan.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each room and those below it; `errors` and `files` are the ground that all stand on.
ALLOWED = {
    "compat": set(),
    # Classes of 2015 draw their weights by Chainer 1's rule, as the nets do.
    "compat/chainer1": {"compat", "nets"},
    "functions": set(),
    "nets": set(),
    "datasets": set(),
    "serializers": {"compat", "nets"},
    "generation": {"nets", "datasets", "serializers", "functions"},
    # The page has sliders for directions.
    "export": {"nets", "datasets", "serializers", "functions", "generation"},
    "training": {"nets", "datasets", "serializers", "functions", "generation"},
    "commands": {
        *("compat", "nets", "datasets", "serializers", "functions", "generation", "training"),
        "export",
    },
}


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "illust_gan" and len(parts) > 1 and (PACKAGE / parts[1]).is_dir():
                yield parts[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path):
    parts = path.relative_to(PACKAGE).parts
    room = "/".join(parts[:2]) if "/".join(parts[:2]) in ALLOWED else parts[0]
    if room in ALLOWED:
        assert set(imported_rooms(path)) - {room} <= ALLOWED[room]


def test_every_public_name_is_there():
    for name in illust_gan.__all__:
        assert getattr(illust_gan, name).__doc__, name
        assert name in dir(illust_gan)
    with pytest.raises(AttributeError, match="no attribute 'discriminate'"):
        illust_gan.discriminate  # noqa: B018


def test_rooms_are_there_without_an_import_of_their_own():
    code = """
import illust_gan
print(illust_gan.nets.maccha.Generator.size, illust_gan.training.extensions.Sheet.__name__)
print(illust_gan.datasets.to_float.__name__, illust_gan.serializers, illust_gan.generation)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("96 Sheet\nto_float <module 'illust_gan.serializers'")
    assert {"nets", "training"} <= set(dir(illust_gan))


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, illust_gan; print(sorted({'numpy', 'chainer', 'PIL'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
