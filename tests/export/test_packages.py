import pathlib
import sys
import tomllib
import types

import pytest

from illust_gan.export.errors import ExportError
from illust_gan.export.packages import REQUIREMENTS, import_packages

PYPROJECT = pathlib.Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(autouse=True)
def packages(monkeypatch):
    """Both packages, by stand-ins, so that these tests need none."""
    for name, version in (("onnx", "1.20.0"), ("onnxruntime", "1.24.1")):
        stand_in = types.ModuleType(name)
        stand_in.__version__ = version
        monkeypatch.setitem(sys.modules, name, stand_in)


def test_both_are_returned():
    assert [module.__name__ for module in import_packages()] == ["onnx", "onnxruntime"]


@pytest.mark.parametrize("name", ["onnx", "onnxruntime"])
def test_a_missing_package_is_one_sentence_with_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    wanted = rf"needs {name}, which is not installed; pip install 'onnx>=\S+' 'onnxruntime>=\S+'$"
    with pytest.raises(ExportError, match=wanted):
        import_packages()


def test_a_package_that_does_not_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('libm.so.6: too old')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "onnxruntime")
    with pytest.raises(ExportError, match=r"cannot be loaded \(libm\.so\.6: too old\); pip"):
        import_packages()


@pytest.mark.parametrize("version", ["1.19.1", "2.0.0"])
def test_another_version_is_refused(version, monkeypatch):
    monkeypatch.setattr(sys.modules["onnx"], "__version__", version)
    with pytest.raises(ExportError, match=rf"needs onnx<2,>=1\.20, and {version} is here; pip"):
        import_packages()


@pytest.mark.skipif(not PYPROJECT.exists(), reason="this is an installed package")
def test_the_extras_are_the_same():
    extras = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert tuple(extras["export"]) == REQUIREMENTS
    assert set(REQUIREMENTS) <= set(extras["dev"])
