"""Minibatches from a packed data set."""

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

    >>> import tempfile
    >>> from illust_gan.datasets import make_avatars
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dataset = make_avatars(f"{folder}/faces", n=5, size=64)
    ...     [len(batch) for batch in PackedIterator(dataset, 2, repeat=False)]
    [2, 2, 1]
    """

    def __next__(self):
        self._previous_epoch_detail = self.epoch_detail
        self._state, indexes = _statemachine.iterator_statemachine(
            self._state, self.batch_size, self.repeat, self.order_sampler, len(self.dataset)
        )
        if indexes is None:
            raise StopIteration
        return self.dataset.take(indexes)

    next = __next__
