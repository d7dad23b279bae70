import subprocess
import sys

import pytest

from illust_gan.compat import finder


def test_import_works_silently_with_every_mend(python):
    out = python(
        """
        import chainer.testing, numpy
        from illust_gan.compat import finder
        assert all(finder.in_force(name) for name in finder.MENDS)
        assert not hasattr(numpy, "sctypes")
        print(chainer.__version__)
        """
    )
    assert out == "7.8.1"


def test_import_after_one_that_failed():
    code = """
try:
    import chainer
except AttributeError:
    pass
else:
    raise SystemExit("Chainer needs no mending here")
import illust_gan
import chainer
import chainer.functions, chainer.links, chainer.training.extensions
assert chainer.backends.cuda and chainer.utils and chainer.functions.relu
print(chainer.Variable.__module__)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "chainer.variable\n", result.stderr


def test_compat_alone_is_enough():
    code = "import illust_gan.compat, chainer; print(chainer.Chain.__name__)"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True)
    assert result.stdout == b"Chain\n"


def test_installed_once():
    before = list(sys.meta_path)
    finder.install()
    assert sys.meta_path == before


def test_mends_what_was_imported_before_it(python):
    # Without the package's own finder, but with what makes the import itself possible.
    out = python(
        """
        import sys, types, numpy
        sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "_illust_gan", False)]
        numpy.sctypes = {"int": [numpy.int32], "float": [numpy.float32]}
        check = types.ModuleType("chainer._environment_check")
        check.check = lambda: None
        sys.modules["chainer._environment_check"] = check
        import chainer
        from illust_gan.compat import finder
        original = chainer.serializers.npz.load_npz
        assert not finder.in_force("chainer.serializers.npz")
        finder.install()
        assert finder.in_force("chainer.serializers.npz")
        print(chainer.serializers.npz.load_npz is not original)
        """,
        warnings="ignore",
    )
    assert out == "True"


def test_reloaded_modules_are_mended_again(python):
    out = python(
        """
        import importlib, chainer.serializers.npz, chainer.functions.array.as_strided
        for module in (chainer.serializers.npz, chainer.functions.array.as_strided):
            importlib.reload(module)
        print(chainer.serializers.npz.load_npz.__module__)
        print(sorted(chainer.functions.array.as_strided.np.sctypes))
        """
    )
    assert out == "illust_gan.compat.npz\n['float', 'int']"


def test_chainers_source_can_still_be_read(python):
    assert "class Optimizer" in python(
        "import inspect, chainer.optimizer; print(inspect.getsource(chainer.optimizer.Optimizer))"
    )


@pytest.mark.parametrize("name", sorted(finder.MENDS))
def test_every_mend_names_its_line(name):
    for mend in finder.load_mends(name):
        assert name in mend.WHERE or name.rpartition(".")[2] in mend.WHERE
        assert mend.WHAT
        assert mend.__doc__
