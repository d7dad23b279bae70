"""Pictures to pack, and what packing them undisturbed gives."""

import pytest

from illust_gan.datasets import pack
from tests.datasets.packing.drawings import drawing
from tests.datasets.packing.mixed import contents, mix


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A hundred files, ten of which are to be left out."""
    folder = tmp_path_factory.mktemp("mixed") / "scans"
    mix(folder, 100)
    return folder


@pytest.fixture
def few(tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    for seed in range(4):
        drawing(seed).save(folder / f"{seed}.png")
    return folder


@pytest.fixture(scope="session")
def packed(folder, tmp_path_factory):
    """What an undisturbed run gives."""
    return contents(pack(folder, tmp_path_factory.mktemp("packed") / "mixed", 64).path)
