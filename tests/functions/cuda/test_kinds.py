import re

import pytest

from illust_gan.functions.cuda import activation
from illust_gan.functions.cuda.module import SOURCE

NATIVE = SOURCE.parents[1] / "native" / "activation.h"


@pytest.mark.parametrize("path", [SOURCE / "activation.cuh", NATIVE], ids=lambda path: path.name)
def test_kinds_have_the_numbers_of_the_source(path):
    if not path.exists():
        pytest.skip("wheels have no C sources")
    names = re.search(r"enum { (IDENTITY.+) };", path.read_text(encoding="utf-8"))[1].split(", ")
    assert [getattr(activation, name) for name in names] == list(range(len(names)))
    assert len(names) >= 5
