"""The eigenvectors of a large symmetric matrix that have the largest eigenvalues."""

import numpy as np
from tqdm import tqdm

# Of the largest eigenvalue; the entries are sums of float32.
_DIGITS = 8
_MOST_STEPS = 50


def leading_eigenvectors(matrix, n, width, *, progress=False):
    """Find the first eigenvectors of a symmetric matrix by orthogonal iteration.

    A number of vectors more than is wanted is multiplied by the matrix and made orthogonal again,
    until those wanted satisfy A v = λ v to 8 digits of the largest λ; what they lack shrinks with
    each step by the ratio of the first eigenvalue left out to the last one wanted. Golub and Van
    Loan, «Matrix Computations», section 8.2.4, with Rayleigh and Ritz's values in each step.
    Where eigenvalues fall so slowly that 50 steps do not do, LAPACK computes all of them, which
    takes several times as long.

    Args:
        matrix (numpy.ndarray): float64 (N, N), symmetric, no eigenvalue far below 0.
        n (int): How many are wanted.
        width (int): How many vectors are multiplied, n or more.
        progress (bool): Show a bar and the time that remains, if it takes more than a second.

    Returns:
        tuple: n eigenvalues, the largest first, and the eigenvectors, (N, n).

    Example:
        >>> values, vectors = leading_eigenvectors(np.diag([1.0, 9, 4, 0]), 2, 3)
        >>> values.round(6).tolist(), np.abs(vectors[:, 0]).round(6).tolist()
        ([9.0, 4.0], [0.0, 1.0, 0.0, 0.0])
    """
    width = min(max(n, width), len(matrix))
    # From where it begins is no matter, and the same each time.
    vectors = np.random.RandomState(0).normal(size=(len(matrix), width))
    bar = tqdm(total=_DIGITS, desc="components", unit="digit", delay=1, disable=not progress)
    with bar:
        for _ in range(_MOST_STEPS):
            basis, _ = np.linalg.qr(vectors)
            vectors = matrix @ basis
            values, turns = np.linalg.eigh(basis.T @ vectors)
            values, turns = values[::-1][:n], turns[:, ::-1][:, :n]
            found = basis @ turns
            lacking = np.linalg.norm(vectors @ turns - found * values, axis=0).max()
            if lacking <= 10.0**-_DIGITS * values[0]:
                bar.update(_DIGITS - bar.n)
                return values, found
            digits = np.log10(max(values[0], np.finfo(float).tiny) / lacking)
            bar.update(int(np.clip(digits, bar.n, _DIGITS)) - bar.n)
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1][:n], vectors[:, ::-1][:, :n]
