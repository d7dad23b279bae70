"""The emulation of CUDA: kernels, and what is checked around them."""

from tests.rehearsal import KERNELS, needs_compiler, rehearse

pytestmark = needs_compiler


def test_kernels_compute():
    rehearse(
        KERNELS
        + """
module.get_function("double_it")((4,), (256,), (x, y, np.int64(1000)))
assert (y.get() == 2 * np.arange(1000)).all()
module.get_function("total")((1,), (64,), (x, y, np.int32(1000), np.int32(0)))
assert y[0] == 499500
pair = np.array([(3, 1.5)], [("n", np.int32), ("a", np.float32)])
module.get_function("unpack")((1,), (1,), (pair, y))
assert y[0] == 4.5
module.get_function("unset")((4,), (1,), (y,))
assert np.isnan(float(y[0]))  # shared memory of the last block, not of the one before
"""
    )


def test_arguments_are_checked():
    rehearse(
        KERNELS
        + """
double_it = module.get_function("double_it")
for wrong, why in [
    ((x, y, np.int32(1000)), "int32 has 4 bytes, the parameter 8"),
    ((x, y, 1000.0), "another kind of number"),
    ((x, y), "3 parameters, not 2"),
    ((x.astype(np.float16).view(np.float64), y, 1000), "an array of float64"),
    ((x.get(), y, 1000), "numpy.ndarray of shape"),
    ((x, np.float64(1), 1000), "where the kernel has a pointer"),
]:
    assert why in refused(TypeError, lambda: double_it((4,), (256,), wrong)), why
refused(RuntimeError, lambda: double_it((4,), (256,), (np.uintp(4096), y, 1000)))
refused(RuntimeError, lambda: double_it((1,), (2048,), (x, y, 1000)))
"""
    )


def test_writes_outside_of_an_array_are_found():
    rehearse(
        KERNELS
        + """
short = cupy.empty(999, np.float32)
double_it = module.get_function("double_it")
why = refused(RuntimeError, lambda: double_it((4,), (256,), (x, short, 1000)))
assert "double_it wrote behind the 3996 bytes" in why
double_it((4,), (256,), (x, short, 999))
"""
    )


def test_addresses_and_indices_are_checked():
    rehearse(
        KERNELS
        + """
def take(at, k):
    module.get_function("fours")((1,), (1,), (x, y, np.int32(at), np.int32(k)))
    return float(y[0])

assert take(4, 2) == 6
assert "an address that is not aligned" in refused(RuntimeError, lambda: take(2, 0))
assert "an index outside of its array" in refused(RuntimeError, lambda: take(0, 4))
"""
    )


def test_threads_must_reach_the_same_barrier():
    rehearse(
        KERNELS
        + """
total = module.get_function("total")
why = refused(RuntimeError, lambda: total((1,), (64,), (x, y, np.int32(9), np.int32(1))))
assert "do not all reach the same __syncthreads()" in why
"""
    )
