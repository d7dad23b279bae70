"""Bytes of real snapshots flipped, cut and swapped: equal, or one clear sentence, and soon."""

import contextlib
import os
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import illust_gan
from illust_gan.serializers.describe import describe
from illust_gan.serializers.load import serialized
from tests.golden_run import GOLDEN

# 500 as a rule, four fifths of them .npz; ILLUST_GAN_FUZZ=20000 for a long run.
N_CASES = int(os.environ.get("ILLUST_GAN_FUZZ", "500"))
SECONDS = 2

FILES = {
    "npz": ("rezoolab-gen-chainer1.24.0.npz", N_CASES * 4 // 5),
    "h5": ("rezoolab-gen-chainer1.5.1.h5", N_CASES // 5),
}


@st.composite
def damages(draw, length):
    """Places and kinds of damage; half of them in the directories, at the file's two ends."""
    anywhere = st.integers(0, length - 1)
    ends = st.one_of(st.integers(0, 2**12), st.integers(length - 2**12, length - 1))
    place = st.one_of(anywhere, ends)
    kinds = {
        "flip": st.tuples(st.just("flip"), place, st.integers(1, 255)),
        "cut": st.tuples(st.just("cut"), place, st.none()),
        "drop": st.tuples(st.just("drop"), place, st.integers(1, 64)),
        "swap": st.tuples(st.just("swap"), place, place),
        "fill": st.tuples(st.just("fill"), place, st.sampled_from([0, 255])),
    }
    return draw(st.lists(st.one_of(*kinds.values()), min_size=1, max_size=3))


def damage(data, what):
    data = bytearray(data)
    for kind, at, value in what:
        at = min(at, max(len(data) - 1, 0))
        if not data:
            break
        if kind == "flip":
            data[at] ^= value
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + value]
        elif kind == "fill":
            data[at : at + 8] = bytes([value]) * len(data[at : at + 8])
        else:
            other = min(value, len(data) - 1)
            data[at : at + 4], data[other : other + 4] = data[other : other + 4], data[at : at + 4]
    return bytes(data)


@pytest.mark.parametrize("kind", sorted(FILES))
def test_damaged_files(kind, tmp_path_factory):
    name, n = FILES[kind]
    whole = (GOLDEN / name).read_bytes()
    expected = serialized(illust_gan.load_generator(GOLDEN / name))
    path = tmp_path_factory.mktemp("fuzz") / f"damaged.{kind}"
    seen = {"equal": 0, "refused": 0}

    @settings(
        max_examples=n,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(damages(len(whole)))
    def check(what):
        path.write_bytes(damage(whole, what))
        start = time.process_time()
        loaded, message = None, None
        try:
            loaded = serialized(illust_gan.load_generator(path))
        except illust_gan.UserError as error:
            message = str(error)
        if loaded is None:
            assert f"damaged.{kind}" in message
            assert "\n" not in message
            seen["refused"] += 1
        else:
            for key, array in expected.items():
                # HDF5 keeps single numbers, such as N, without a checksum.
                if kind == "npz" or array.size > 1:
                    np.testing.assert_array_equal(array, loaded[key], err_msg=key)
            seen["equal"] += 1
        assert time.process_time() - start < SECONDS
        if len(what) == 3:  # some of them, since it takes as long again
            with contextlib.suppress(illust_gan.UserError):
                assert describe(path)[0][0] == "kind"

    check()
    print(kind, seen)
    assert min(seen.values()) > 0
