"""In a real virtual environment, with the system's own start-up."""

import os
import subprocess
import sys
import venv

import pytest

from illust_gan.commands.main import main
from illust_gan.compat import pth
from illust_gan.errors import UserError


@pytest.fixture
def environment(tmp_path):
    """A new virtual environment which sees this one's packages but not its .pth file."""
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python3*/site-packages"))
    paths = [p for p in sys.path if p.endswith("site-packages")]
    paths.append(os.path.dirname(os.path.dirname(sys.modules["illust_gan"].__file__)))
    (site / "__editable__.pth").write_text("\n".join(paths) + "\n")

    def run(code, *options):
        return subprocess.run(
            [python, *options, "-c", code], capture_output=True, text=True, cwd=tmp_path
        )

    return run


PLAIN = "import chainer; print(chainer.functions.relu.__name__)"
COMMAND = "import sys; from illust_gan.commands.main import main; sys.exit(main(sys.argv[1:]))"


def test_plain_import_works_once_enabled(environment):
    assert "numpy.sctypes" in environment(PLAIN).stderr.replace("np.sctypes", "numpy.sctypes")

    enabled = environment(COMMAND.replace("sys.argv[1:]", "['doctor', '--enable-import']"))
    assert "`import chainer` now works in this environment" in enabled.stdout, enabled.stderr
    assert environment(PLAIN, "-W", "error").stdout == "relu\n"
    loaded = environment("import sys; print({'numpy', 'chainer', 'click'} & set(sys.modules))")
    assert loaded.stdout == "set()\n"

    again = environment(COMMAND.replace("sys.argv[1:]", "['doctor', '--enable-import']"))
    assert again.returncode == 0
    disabled = environment(COMMAND.replace("sys.argv[1:]", "['doctor', '--disable-import']"))
    assert "needs `import illust_gan` before it again" in disabled.stdout
    assert "AttributeError" in environment(PLAIN).stderr
    nothing = environment(COMMAND.replace("sys.argv[1:]", "['doctor', '--disable-import']"))
    assert "nothing to undo" in nothing.stdout


def test_harmless_when_the_package_is_gone():
    code = f"import sys; sys.modules['illust_gan'] = None; exec({pth.PTH_LINE!r}); print('fine')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "fine\n", result.stderr


def test_line_is_one_that_site_executes():
    assert pth.PTH_LINE.count("\n") == 1
    assert pth.PTH_LINE.startswith("import ")
    assert pth.PTH_NAME > "__editable__.illust_gan-0.1.0.pth"


def test_folder_that_cannot_be_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(pth, "pth_path", lambda: tmp_path / "gone" / pth.PTH_NAME)
    with pytest.raises(UserError, match=r"cannot be written \(No such file.*`import illust_gan`"):
        pth.enable_import()
    assert main(["doctor", "--enable-import"]) == 2
    assert "cannot be written" in capsys.readouterr().err
