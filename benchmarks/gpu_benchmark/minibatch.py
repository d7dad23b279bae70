"""The minibatch on which contenders are compared before they are timed."""

import numpy as np

# So many different pictures and z are in it, over and over: its means, and so its losses and
# gradients, are those of a minibatch of so many, whatever the batch.
DISTINCT = 16


def distinct(batchsize):
    """Return how many pictures of a minibatch differ.

    Example:
        >>> distinct(2048), distinct(16), distinct(1), distinct(20)
        (16, 16, 1, 20)
    """
    return batchsize if batchsize % DISTINCT else DISTINCT


def given(job):
    """Return the minibatch of a job.

    Returns:
        tuple of numpy.ndarray: z, float32 (batchsize, n_hidden), and the indexes of the pictures in
        the data set, int64 (batchsize,). None of them is mirrored.
    """
    n = distinct(job["batchsize"])
    z = np.random.RandomState(0).uniform(-1, 1, (n, job["n_hidden"])).astype(np.float32)
    repetitions = job["batchsize"] // n
    return np.tile(z, (repetitions, 1)), np.tile(np.arange(n), repetitions)
