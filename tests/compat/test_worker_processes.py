"""Worker processes under each start method, from a main program that knows little of us."""

import pytest

# The main module imports nothing of ours when a worker imports it again.
ITERATOR = """
import multiprocessing

def main():
    import illust_gan
    import chainer
    import numpy as np
    x = np.arange(12, dtype="f").reshape(6, 2)
    dataset = chainer.datasets.TupleDataset(x, np.arange(6))
    iterator = chainer.iterators.MultiprocessIterator(
        dataset, 3, n_processes=2, repeat=False, shuffle=False)
    try:
        print([int(y) for batch in iterator for _, y in batch])
    finally:
        iterator.finalize()

if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    main()
"""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_of_multiprocess_iterator(python, method):
    assert python(ITERATOR.format(method=method), head="") == "[0, 1, 2, 3, 4, 5]"


PROCESS = """
if __name__ == "__main__":
    import multiprocessing
    {head}
    import chainer
    process = multiprocessing.get_context({method!r}).Process(
        target=chainer.get_device, args=("@numpy",))
    process.start()
    process.join()
    {tail}
"""


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_any_process_whose_target_is_chainers(python, method):
    code = PROCESS.format(head="import illust_gan", method=method, tail="print(process.exitcode)")
    assert python(code, head="") == "0"


def test_without_the_mend_such_a_process_dies(python):
    head = "import illust_gan.compat.finder as f; f.MENDS['chainer'] = ()"
    tail = "raise SystemExit(f'exit code {process.exitcode}')"
    assert python(PROCESS.format(head=head, method="spawn", tail=tail), head="") == "exit code 1"
