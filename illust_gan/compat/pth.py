"""Making plain ``import chainer`` work in an environment, for scripts that know nothing of us."""

import pathlib
import sysconfig

from illust_gan.errors import UserError
from illust_gan.files import replacing

# Python reads .pth files in the order of their names, and one of an editable install, which makes
# this package importable, begins with "__editable__".
PTH_NAME = "illust-gan-mends-chainer.pth"

# site.py executes lines that begin with "import". The package may have been uninstalled since.
PTH_LINE = 'import sys; exec("try:\\n import illust_gan.compat\\nexcept ImportError:\\n pass")\n'


def pth_path():
    """Return where this environment's ``.pth`` file lies, whether or not it exists."""
    return pathlib.Path(sysconfig.get_path("purelib"), PTH_NAME)


def enable_import():
    """Let every Python of this environment mend Chainer when it imports it.

    A ``.pth`` file imports :mod:`illust_gan.compat` at start-up, which loads nothing until Chainer
    is imported.

    Returns:
        pathlib.Path: The file.

    Raises:
        UserError: If it cannot be written.
    """
    path = pth_path()
    try:
        with replacing(path) as f:
            f.write(PTH_LINE.encode())
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); use a virtual environment of your own, "
            "or put `import illust_gan` before `import chainer` in the script"
        ) from error
    return path


def disable_import():
    """Undo :func:`enable_import`.

    Returns:
        bool: Whether there was anything to undo.

    Raises:
        UserError: If the file cannot be removed.
    """
    path = pth_path()
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UserError(
            f"{path} cannot be removed ({error.strerror}); remove it as the user who owns it"
        ) from error
    return True
