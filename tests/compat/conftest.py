"""Python processes in which one mend is left out."""

import subprocess
import sys
import textwrap

import pytest

# Code of 2015, which imports what only illust_gan.compat.chainer1 brings back.
collect_ignore = ["december_2015.py"]

_WITHOUT = """
import illust_gan
from illust_gan.compat import finder
finder.MENDS = {{
    module: tuple(mend for mend in mends if mend != {mend!r})
    for module, mends in finder.MENDS.items()
}}
"""


@pytest.fixture
def python(tmp_path):
    """Run code in a new Python where warnings are errors; return stdout, or the error's last line.

    ``head`` stands before the code; ``without`` names a mend to leave out instead.
    """

    def python(code, *, without=None, warnings="error", head="import illust_gan"):
        script = tmp_path / "script.py"
        if without is not None:
            head = _WITHOUT.format(mend=without)
        script.write_text(head + "\n" + textwrap.dedent(code), encoding="utf-8")
        result = subprocess.run(
            [sys.executable, "-W", warnings, script],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
        )
        if result.returncode == 0:
            assert result.stderr == ""
            return result.stdout.strip()
        return result.stderr.strip().splitlines()[-1]

    return python
