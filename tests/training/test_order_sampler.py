import chainer
import numpy as np

from illust_gan.training.order_sampler import SeededOrderSampler


def epochs(iterator, n):
    return [tuple(iterator.next()) for _ in range(n)]


def make(seed=0):
    return chainer.iterators.SerialIterator(
        list(range(10)), 10, shuffle=None, order_sampler=SeededOrderSampler(seed)
    )


def test_every_epoch_shows_all_in_another_order():
    orders = epochs(make(), 5)
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len(set(orders)) == 5


def test_iterator_restored_from_a_snapshot_goes_on_with_the_same_orders():
    iterator = make()
    epochs(iterator, 2)
    serializer = chainer.serializers.DictionarySerializer()
    iterator.serialize(serializer)
    restored = make()
    restored.serialize(chainer.serializers.NpzDeserializer(serializer.target))
    assert epochs(iterator, 4) == epochs(restored, 4)


def test_seed_decides():
    order = np.arange(100)
    assert (SeededOrderSampler(1)(order, 0) != SeededOrderSampler(2)(order, 0)).any()
