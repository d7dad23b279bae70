"""What a card can do at most: bytes copied and products of matrices, by one library.

    python ceiling.py torch
    python ceiling.py cupy

Any line on the standard input is answered by the rates, or by why they are not to be had.
"""

import sys
import time

from contest.pipe import UnavailableError, open_answers

BYTES = 2**30
EDGE = 8192
ROUNDS = 5
ROUND_SECONDS = 0.2


def best(function, synchronize):
    """Return the least seconds of a call, of some rounds."""
    function()
    synchronize()
    n, least = 1, float("inf")
    for _ in range(ROUNDS):
        seconds = 0
        while seconds < ROUND_SECONDS:
            start = time.perf_counter()
            for _ in range(n):
                function()
            synchronize()
            seconds = time.perf_counter() - start
            least = min(least, seconds / n)
            if seconds < ROUND_SECONDS:
                n *= 2
    return least


def torch_rates():
    """Return the rates by PyTorch: bytes read and written, and operations, in a second."""
    import torch

    if not torch.cuda.is_available():
        raise UnavailableError(f"PyTorch {torch.__version__} finds no GPU")
    source = torch.empty(BYTES, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copied = best(lambda: target.copy_(source), torch.cuda.synchronize)
    rates = {"bandwidth": 2 * BYTES / copied}
    kinds = (("float32", torch.float32), ("tf32", torch.float32))
    kinds += (("float16", torch.float16), ("bf16", torch.bfloat16))
    for precision, dtype in kinds:
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        # Zeros would take less power, and so be multiplied faster.
        a, b = (torch.randn(EDGE, EDGE, device="cuda", dtype=dtype) for _ in range(2))
        out = torch.empty_like(a)
        multiplied = best(lambda: torch.mm(a, b, out=out), torch.cuda.synchronize)  # noqa: B023
        rates[precision] = 2 * EDGE**3 / multiplied
    return rates


def cupy_rates():
    """Return the rates by CuPy, whose float32 is exact and which has neither TF32 nor bf16 here."""
    try:
        import cupy
    except ImportError as error:
        raise UnavailableError(f"there is no CuPy: {error}") from error
    if not cupy.cuda.is_available():
        raise UnavailableError(f"CuPy {cupy.__version__} finds no GPU")
    synchronize = cupy.cuda.Device().synchronize
    source = cupy.zeros(BYTES, cupy.uint8)
    target = cupy.empty_like(source)
    copied = best(lambda: cupy.copyto(target, source), synchronize)
    rates = {"bandwidth": 2 * BYTES / copied}
    for precision in ("float32", "float16"):
        a, b = (cupy.random.standard_normal((EDGE, EDGE)).astype(precision) for _ in range(2))
        out = cupy.empty_like(a)
        multiplied = best(lambda: cupy.matmul(a, b, out=out), synchronize)  # noqa: B023
        rates[precision] = 2 * EDGE**3 / multiplied
    return rates


def main(name, requests, answer):
    """Answer each request."""
    for _ in requests:
        try:
            answer(**{"torch": torch_rates, "cupy": cupy_rates}[name]())
        except UnavailableError as error:
            answer(not_available=str(error))


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin, open_answers())
