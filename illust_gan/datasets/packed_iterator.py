"""Minibatches from a packed data set."""

import chainer

# Chainer is archived: what is private in it changes no more.
from chainer.iterators import SerialIterator, _statemachine


class PackedIterator(SerialIterator):
    """Chainer's SerialIterator, handing out each minibatch as one array.

    Order, epochs, arguments and snapshots are SerialIterator's, and each reads the other's
    snapshots. A minibatch is uint8 of shape ``(n, size, size, 3)`` instead of a list of n
    pictures: it is read from the data set at once, without a step of Python for each picture.

    Args:
        dataset (PackedDataset): Or any data set with a ``take`` like its own.
        batch_size, repeat, shuffle, order_sampler: As for :class:`chainer.iterators.
            SerialIterator`.
        labels (bool): Whether to hand out a pair of arrays, the second one the pictures' labels:
            int32 of shape ``(n,)``, on the CPU. The data set needs to have labels then.

    >>> import tempfile
    >>> from illust_gan.datasets import make_avatars
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = make_avatars(f"{folder}/faces", n=5, size=64)
    ...     [len(batch) for batch in PackedIterator(dataset, 2, repeat=False)]
    [2, 2, 1]
    """

    def __init__(self, dataset, batch_size, *args, labels=False, **options):
        super().__init__(dataset, batch_size, *args, **options)
        # A subset gathers its labels anew each time, and one on a GPU has them there.
        self._labels = chainer.get_device("@numpy").send(dataset.labels) if labels else None

    def __next__(self):
        self._previous_epoch_detail = self.epoch_detail
        self._state, indexes = _statemachine.iterator_statemachine(
            self._state, self.batch_size, self.repeat, self.order_sampler, len(self.dataset)
        )
        if indexes is None:
            raise StopIteration
        pictures = self.dataset.take(indexes)
        return pictures if self._labels is None else (pictures, self._labels[indexes])

    next = __next__
