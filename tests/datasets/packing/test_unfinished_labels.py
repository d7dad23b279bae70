import signal

import numpy as np
import pytest

from illust_gan.datasets import pack
from tests.datasets.packing.mixed import contents
from tests.datasets.packing.test_unfinished import Interrupting, start, wait_for_work


@pytest.fixture(scope="module")
def labelled(folder, tmp_path_factory):
    """What an undisturbed run gives with labels."""
    path = tmp_path_factory.mktemp("labelled") / "mixed"
    return contents(pack(folder, path, 64, labels="folder").path)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_bytes_do_not_depend_on_the_number_of_workers(folder, labelled, tmp_path, workers):
    dataset = pack(folder, tmp_path / "mixed", 64, labels="folder", workers=workers)
    assert contents(dataset.path) == labelled
    assert dataset.label_names == tuple("012345")
    assert np.bincount(dataset.labels).tolist() == [15] * 6
    assert sum("other_label" in one for one in dataset.manifest["left_out"]) == 6


def test_a_killed_run_goes_on_to_the_same_bytes(few, folder, labelled, tmp_path):
    out = tmp_path / "mixed"
    old = contents(pack(few, out, 16).path)
    more = ["--size", "64", "--force", "--labels", "folder"]
    process = start(folder, out, *more, "--workers", "1")
    wait_for_work(out, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert contents(out) == old
    process = start(folder, out, *more)
    assert "going on at " in process.communicate()[1]
    assert contents(out) == labelled


def test_an_interrupted_run_goes_on_to_the_same_bytes(folder, tmp_path):
    options = {"face_margin": 0, "labels": "folder"}
    whole = contents(pack(folder, tmp_path / "a" / "mixed", faces=Interrupting(0), **options).path)
    for at in (1, 40, 95):
        out = tmp_path / str(at) / "mixed"
        with pytest.raises(KeyboardInterrupt):
            pack(folder, out, faces=Interrupting(at), **options)
        assert not out.with_suffix(".npy").exists()
        assert contents(pack(folder, out, faces=Interrupting(0), **options).path) == whole
