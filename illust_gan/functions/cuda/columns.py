"""Matrices with dense rows, such as pictures with the channels last: how kernels share them.

A kernel does something for each column, or sums over all rows. How many blocks it has follows from
the sizes alone and not from the device, so that sums are added in the same order everywhere. See
``source/columns.cuh`` for what a block does.
"""

import dataclasses
import functools

import numpy as np

# As in source/columns.cuh.
ACROSS, DOWN = 8, 32
THREADS = ACROSS * DOWN

# Two blocks for each processor of the largest GPUs are enough to read as fast as they can; the last
# block has to add up what they found. Where nothing is added up, more blocks hide more waiting.
_BLOCKS_OF_SUMS, _LEAST_ROWS_OF_SUMS = 256, 128
_BLOCKS, _LEAST_ROWS = 1024, 64


@dataclasses.dataclass(frozen=True)
class Shares:
    """How a matrix is shared among blocks and threads.

    Attributes:
        rows, columns (int): Its shape.
        part_rows (int): Rows of all blocks but the last of each column.
        together (int): Columns of a thread.
        grid (tuple of int): Blocks side by side, and one below the other.
    """

    rows: int
    columns: int
    part_rows: int
    together: int
    grid: tuple

    def memory(self):
        """Return what the blocks of a sum need to find each other's results.

        Returns:
            tuple of cupy.ndarray: Memory for the results, and the counters of those which have
            arrived; None twice if one block has all rows.
        """
        import cupy

        if self.grid[1] == 1:
            return None, None
        return cupy.empty(2 * self.grid[1] * self.columns, np.float32), _counters()


def shares_of_sums(rows, columns, together):
    """Return how to sum over the rows of a matrix.

    Args:
        rows, columns (int): Its shape, without zeros.
        together (int): See :func:`numbers_together`.

    Returns:
        Shares: With at most 256 blocks if there are several for a column.
    """
    return _shares(rows, columns, together, _BLOCKS_OF_SUMS, _LEAST_ROWS_OF_SUMS)


def shares(rows, columns, together):
    """Return how to do something for each number of a matrix; see :func:`shares_of_sums`."""
    return _shares(rows, columns, together, _BLOCKS, _LEAST_ROWS)


@functools.lru_cache(1024)
def _shares(rows, columns, together, most_blocks, least_rows):
    across = -(-columns // (ACROSS * together))
    n_parts = max(1, min(most_blocks // across, -(-rows // least_rows)))
    part_rows = -(-rows // n_parts)
    return Shares(rows, columns, part_rows, together, (across, -(-rows // part_rows)))


def numbers_together(n, *arrays):
    """Return how many numbers a thread may read or write at once.

    Args:
        n (int): Numbers that lie side by side in each of the arrays, again and again.
        arrays (cupy.ndarray): All that are read or written so.

    Returns:
        int: As many as are 16 bytes of the first array, or one.
    """
    many = 16 // arrays[0].itemsize
    return 1 if n % many or any(array.data.ptr % 16 for array in arrays) else many


def matrix_shape(x):
    """Return the shape of the matrix that an array with the channels last is.

    Args:
        x (cupy.ndarray): (N, C, H, W) with the channels last in memory, or dense (N, C).

    Returns:
        tuple of int: N·H·W and C, or N and C.
    """
    return x.size // x.shape[1], x.shape[1]


def _counters():
    """Return 256 counters that are zero when the current stream's next kernel begins.

    The kernels of a stream come one after the other, and each leaves zeros, so each stream has its
    own. A graph goes on using those of the stream on which it was captured: graphs that were
    captured on one stream must not run at the same time.
    """
    import cupy

    stream = cupy.cuda.get_current_stream()
    # With the stream, and not by its handle, which CUDA gives to another one later.
    kept = vars(stream).setdefault("_counters_of_illust_gan", {})
    device = cupy.cuda.runtime.getDevice()
    if device in kept:
        return kept[device]
    counters = cupy.zeros(_BLOCKS_OF_SUMS, np.uint32)
    # During a capture, they are only zeroed where the graph runs.
    if not stream.is_capturing():
        kept[device] = counters
    return counters
