import platform
import re

import chainer
import numpy as np

from illust_gan.commands.main import main
from illust_gan.compat import finder


def test_says_what_is_here(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    words = out.split()
    for version in (platform.python_version(), chainer.__version__, np.__version__):
        assert version in words
    for section in ("versions:", f"mends of Chainer {chainer.__version__}:", "devices:"):
        assert f"{section}\n" in out
    for name in finder.MENDS:
        state = "in force" if finder.in_force(name) else "once imported"
        for mend in finder.load_mends(name):
            assert re.search(f"  {state} +{re.escape(mend.WHAT)}\n", out)
    assert finder.in_force("chainer.serializers.npz")
    assert "  -1  CPU, " in out


def test_enable_and_disable_at_once(capsys):
    assert main(["doctor", "--enable-import", "--disable-import"]) == 2
    assert "undo each other; give one" in capsys.readouterr().err
