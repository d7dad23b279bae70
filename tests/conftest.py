"""What every test may use."""

import warnings

import matplotlib
import pytest

import illust_gan

matplotlib.use("Agg")
# Its packages are called as the real ones, which collecting would hide.
collect_ignore = ["emulated_cuda"]


def pytest_collection_modifyitems(items):
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    from illust_gan.commands.device import list_gpus

    names, why_none = list_gpus()
    if not names:
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=why_none))


@pytest.fixture(scope="session")
def avatars(tmp_path_factory):
    """24 of the built-in faces at 64×64, as the path of their packed file."""
    path = tmp_path_factory.mktemp("data") / "avatars-64.npy"
    illust_gan.make_avatars(path, size=64, n=24, seed=0)
    return path


@pytest.fixture(scope="session")
def avatars_96(tmp_path_factory):
    """8 of the built-in faces at 96×96, as the path of their packed file."""
    path = tmp_path_factory.mktemp("data") / "avatars-96.npy"
    illust_gan.make_avatars(path, size=96, n=8, seed=0)
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory, avatars):
    """The folder of a finished run of three iterations, with everything a run leaves.

    The initial weights are large, so that its pictures are not all grey so soon.
    """
    from illust_gan.commands.main import main

    out = tmp_path_factory.mktemp("runs") / "three"
    assert (
        main(
            f"train --net rezoolab --data {avatars} --out {out} -b 4 --iterations 3 "
            "--sheet-interval 2 --snapshot-interval 2 --init-std 0.1".split()
        )
        == 0
    )
    return out


@pytest.fixture(scope="session")
def tf():
    """TensorFlow, where it is installed."""
    # What it warns of while it is imported is its own affair.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(
            "tensorflow", reason="TensorFlow is not installed: pip install tensorflow-cpu"
        )
