import io

import numpy as np
import pytest
from chainer import serializers
from chainer.iterators import OrderSampler, SerialIterator, ShuffleOrderSampler

from illust_gan.datasets import write_packed
from illust_gan.datasets.packed_iterator import PackedIterator

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)


class Backwards(OrderSampler):
    """Turns the order round each time, so that the next depends on the present one."""

    def __call__(self, current_order, current_position):
        return current_order[::-1]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "faces"
    return write_packed(path, 4, PIXELS, sources=[], settings={})


SAMPLERS = {
    "as stored": lambda: None,
    "shuffled": lambda: ShuffleOrderSampler(np.random.RandomState(3)),
    "backwards": Backwards,
}


def make(cls, dataset, batch_size, sampler, **options):
    sampler = SAMPLERS[sampler]()
    shuffle = False if sampler is None else None
    return cls(dataset, batch_size, shuffle=shuffle, order_sampler=sampler, **options)


def assert_same_place(a, b):
    for name in ("epoch", "is_new_epoch", "current_position", "epoch_detail"):
        assert getattr(a, name) == getattr(b, name), name
    assert a.previous_epoch_detail == b.previous_epoch_detail


@pytest.mark.parametrize("batch_size", [1, 3, 5, 10, 23])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_gives_what_serial_iterator_gives_over_several_epochs(dataset, sampler, batch_size):
    mine = make(PackedIterator, dataset, batch_size, sampler)
    chainers = make(SerialIterator, dataset, batch_size, sampler)
    while mine.epoch < 4:
        batch = mine.next()
        assert type(batch) is np.ndarray
        assert batch.dtype == np.uint8
        np.testing.assert_array_equal(batch, np.stack(chainers.next()))
        assert_same_place(mine, chainers)


@pytest.mark.parametrize("batch_size", [3, 5, 23])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_without_repetition_the_last_batch_may_be_smaller(dataset, sampler, batch_size):
    mine = make(PackedIterator, dataset, batch_size, sampler, repeat=False)
    chainers = make(SerialIterator, dataset, batch_size, sampler, repeat=False)
    batches = list(mine)
    expected = [np.stack(batch) for batch in chainers]
    assert [len(batch) for batch in batches] == [len(batch) for batch in expected]
    np.testing.assert_array_equal(np.concatenate(batches), np.concatenate(expected))
    assert_same_place(mine, chainers)
    with pytest.raises(StopIteration):
        mine.next()
    mine.reset()
    assert len(mine.next()) == min(batch_size, 10)


@pytest.mark.parametrize(
    ("writer", "reader"), [(PackedIterator, SerialIterator), (SerialIterator, PackedIterator)]
)
def test_each_goes_on_from_the_others_snapshot(dataset, writer, reader):
    first = make(writer, dataset, 4, "backwards")
    for _ in range(4):
        first.next()
    snapshot = io.BytesIO()
    serializers.save_npz(snapshot, first)
    second = make(reader, dataset, 4, "backwards")
    snapshot.seek(0)
    serializers.load_npz(snapshot, second)
    assert_same_place(first, second)
    for _ in range(6):
        np.testing.assert_array_equal(np.stack(first.next()), np.stack(second.next()))
        assert_same_place(first, second)
    snapshot.seek(0)
    with np.load(snapshot) as saved:
        assert set(saved.files) == {
            "current_position",
            "epoch",
            "is_new_epoch",
            "order",
            "previous_epoch_detail",
        }


def test_hands_out_parts_and_copies_of_a_set(dataset):
    part, _ = dataset.split(0.5)
    for each in (part, part.to_device("@numpy")):
        iterator = PackedIterator(each, len(part), shuffle=False)
        np.testing.assert_array_equal(iterator.next(), PIXELS[part.indexes])
