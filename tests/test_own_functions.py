import sys

import pytest

from illust_gan.errors import UserError
from illust_gan.own_functions import function_name, import_function, in_words, is_reference

EXAMPLE = {"what": "counter", "wanted": "a function of eyes", "example": "my_eyes:count"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["m:f", "package.module:Class.method", "_:_"])
def test_references(name):
    assert is_reference(name)


@pytest.mark.parametrize("name", ["", "m", "m.f", ":f", "m:", "m:f:g", "m f:g", "m/n:f", "m:f()"])
def test_no_references(name):
    assert not is_reference(name)


def test_modules_and_packages_of_the_current_folder(folder):
    (folder / "eyes_a.py").write_text("class Eyes:\n    def two(): return 2\n")
    (folder / "eyes_b").mkdir()
    (folder / "eyes_b" / "inner.py").write_text("from eyes_a import Eyes\nthree = lambda: 3\n")
    two = import_function("eyes_a:Eyes.two", **EXAMPLE)
    assert (two(), function_name(two)) == (2, "eyes_a:Eyes.two")
    assert import_function("eyes_b.inner:three", **EXAMPLE)() == 3


def test_the_current_folder_hides_no_other_module(folder):
    (folder / "colorsys.py").write_text("def rgb_to_hsv(): pass")
    sys.modules.pop("colorsys", None)
    assert import_function("colorsys:rgb_to_hsv", **EXAMPLE)(0, 0, 1)[2] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "import eyes_none",
            r"no counter eyes:f: ModuleNotFoundError: No module named 'eyes_none'; wanted a "
            r"function of a module that can be imported, such as my_eyes:count for the function "
            r"count in my_eyes\.py of the current folder$",
        ),
        ("def g(): pass", r"no counter eyes:f: AttributeError: .*'f'; wanted a function"),
        ("raise SystemExit('a\\nb')", r"no counter eyes:f: SystemExit: a\\nb; wanted"),
        ("def f(:", "no counter eyes:f: SyntaxError: .*; wanted"),
        ("f = 3", "the counter eyes:f is int; wanted a function of eyes$"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(folder, text, message):
    (folder / "eyes.py").write_text(text)

    class EyesError(UserError):
        pass

    with pytest.raises(EyesError, match=f"^{message}"):
        import_function("eyes:f", **EXAMPLE, error=EyesError)


def test_errors_in_words():
    assert in_words(ValueError("a\x1b" + "b" * 300)) == f"ValueError: a\\x1b{'b' * 198}…"
