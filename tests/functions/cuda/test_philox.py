"""Random numbers on the device are Philox's, whatever the size of the array."""

import numpy as np
import pytest

from illust_gan.functions.cuda import module, philox

# Random123's kat_vectors: counter, key, what comes of them.
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
# The device's function, with any counter and key.
WORDS = """
extern "C" __global__ void words_of(const unsigned int *counter, const unsigned int *key,
                                    unsigned int *out)
{
    const words drawn = philox({{counter[0], counter[1], counter[2], counter[3]}}, key[0], key[1]);
    for (int j = 0; j < 4; j++)
        out[j] = drawn.at[j];
}
"""


def reference(counter, key):
    """Philox4x32-10 of counters (n, 4) and one key, as uint32 (n, 4)."""
    c0, c1, c2, c3 = np.asarray(counter, np.uint64).T
    k0, k1 = map(int, key)
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = b >> np.uint64(32) ^ c1 ^ np.uint64(k0), b & low
        c2, c3 = a >> np.uint64(32) ^ c3 ^ np.uint64(k1), a & low
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def expected_words(n, seed, iteration, stream):
    quads = np.arange(-(-n // 4))
    counter = np.zeros((len(quads), 4), np.uint64)
    counter[:, 0] = quads
    counter[:, 2:] = iteration % 2**32, iteration >> 32
    return reference(counter, (seed, stream)).reshape(-1)[:n]


def iteration_of(number):
    import cupy

    return cupy.asarray(np.array([number], np.int64))


def draw(shape, seed=0, iteration=0, dtype="f", **bounds):
    import cupy

    return philox.uniform(cupy.empty(shape, dtype), seed, iteration_of(iteration), **bounds).get()


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers_of_the_reference(counter, key, words):
    assert reference([counter], key).tolist() == [words]


@pytest.mark.gpu
@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers_on_the_device(counter, key, words):
    import cupy

    code = module.source("philox") + WORDS
    kernel = cupy.RawModule(code=code, options=module.options({"X": "float32"}))
    out = cupy.empty(4, np.uint32)
    args = [cupy.asarray(np.array(numbers, np.uint32)) for numbers in (counter, key)]
    kernel.get_function("words_of")((1,), (1,), (*args, out))
    assert out.get().tolist() == words


@pytest.mark.gpu
@pytest.mark.parametrize("n", [1, 3, 4, 511, 512, 513, 1000])
@pytest.mark.parametrize(("seed", "iteration"), [(0, 0), (2**32 - 1, 2**40 + 3)])
def test_uniform_numbers(n, seed, iteration):
    words = expected_words(n, seed, iteration, stream=1)
    expected = (words >> 8).astype(np.float32) / 2**23 - 1
    np.testing.assert_array_equal(draw((n,), seed, iteration), expected)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [bool, np.uint8])
@pytest.mark.parametrize("n", [1, 5, 512, 700])
def test_flips(n, dtype):
    import cupy

    coins = philox.flips(cupy.empty(n, dtype), 7, iteration_of(9)).get()
    np.testing.assert_array_equal(coins, expected_words(n, 7, 9, stream=2) >> 31)


@pytest.mark.gpu
def test_numbers_are_spread_evenly():
    drawn = draw((100, 1000), seed=3)
    assert -1 <= drawn.min() < -0.999
    assert 0.999 < drawn.max() < 1
    counts = np.histogram(drawn, bins=20, range=(-1, 1))[0]
    # Chi squared with 19 degrees of freedom is above 43.8 once in a thousand times.
    assert ((counts - 5000) ** 2 / 5000).sum() < 43.8


@pytest.mark.gpu
def test_a_longer_draw_only_adds_rows():
    np.testing.assert_array_equal(draw((3, 100)), draw((50, 100))[:3])


@pytest.mark.gpu
def test_seed_and_iteration_and_stream_make_others():
    import cupy

    drawn = [draw((64,)), draw((64,), seed=1), draw((64,), iteration=1), draw((64,), 0, 2**32)]
    assert len({numbers.tobytes() for numbers in drawn}) == 4
    coins = philox.flips(cupy.empty(64, np.uint8), 0, iteration_of(0)).get()
    assert (coins != (drawn[0] >= 0)).any()


@pytest.mark.gpu
def test_the_upper_bound_is_not_drawn():
    # Between 2**24 and the next float nothing lies: half of the sums would be rounded up to it.
    drawn = draw((400,), low=2.0**24, high=2.0**24 + 2)
    assert set(drawn) == {2.0**24}


@pytest.mark.gpu
def test_numbers_of_16_bits_are_rounded():
    np.testing.assert_array_equal(draw((1000,), dtype=np.float16), draw((1000,)).astype("e"))


@pytest.mark.gpu
def test_a_graph_advances_by_itself():
    import cupy

    iteration, out = iteration_of(5), cupy.empty(40, "f")
    philox.uniform(out, 1, iteration)  # compiles
    philox.advance(iteration_of(0))
    stream = cupy.cuda.Stream()  # in order with the default stream
    found = []
    with stream:
        stream.begin_capture()
        philox.uniform(out, 1, iteration)
        philox.advance(iteration)
        graph = stream.end_capture()
        for _ in range(3):
            graph.launch()
            found.append(out.get())
    for i, numbers in enumerate(found):
        np.testing.assert_array_equal(numbers, draw((40,), 1, 5 + i))
    assert iteration.get().tolist() == [8]


@pytest.mark.gpu
def test_nothing_to_draw():
    assert draw((0, 100)).shape == (0, 100)


@pytest.mark.gpu
def test_arguments_that_do_not_fit():
    import cupy

    out, iteration = cupy.empty((4, 6), "f"), iteration_of(0)
    for seed in (-1, 2**32):
        with pytest.raises(ValueError, match="seed"):
            philox.uniform(out, seed, iteration)
    with pytest.raises(ValueError, match="int32"):
        philox.uniform(out, 0, iteration.astype("i"))
    with pytest.raises(ValueError, match="C-contiguous"):
        philox.uniform(out[:, ::2], 0, iteration)
    with pytest.raises(ValueError, match="float32"):
        philox.flips(out, 0, iteration)
