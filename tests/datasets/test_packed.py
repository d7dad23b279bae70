import mmap
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chainer.dataset import concat_examples
from chainer.iterators import SerialIterator

from illust_gan.datasets import DatasetError, PackedDataset, write_packed

PIXELS = np.random.RandomState(0).randint(0, 256, (10, 4, 4, 3), np.uint8)


@pytest.fixture
def path(tmp_path):
    return write_packed(tmp_path / "faces", 4, PIXELS, sources=["noise"], settings={}).path


@pytest.mark.parametrize("ending", [".npy", ".json", ""])
def test_either_file_or_the_stem_opens_the_set(path, ending):
    dataset = PackedDataset(str(path.with_suffix(ending)))
    assert dataset.path == path
    assert len(dataset) == 10
    assert dataset.size == 4
    assert dataset.manifest["name"] == "faces"
    assert dataset.manifest["sources"] == ["noise"]
    np.testing.assert_array_equal(dataset.pixels, PIXELS)


@pytest.mark.parametrize("path", ["", ".", "..", "data/..", "/"])
def test_a_path_without_a_name(path):
    with pytest.raises(DatasetError, match=r"is a folder; wanted the name of a data set, as in"):
        PackedDataset(path)


def test_an_example_is_a_read_only_picture(path):
    dataset = PackedDataset(path)
    picture = dataset[3]
    assert type(picture) is np.ndarray
    assert type(dataset.pixels) is np.ndarray
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, PIXELS[3])
    np.testing.assert_array_equal(dataset[-1], PIXELS[-1])
    assert not picture.flags.writeable
    with pytest.raises(IndexError):
        dataset[10]


@pytest.mark.parametrize("index", [slice(2, 9, 3), [5, 0], np.array([5, 0])])
def test_several_examples_are_a_list_as_in_every_chainer_data_set(path, index):
    pictures = PackedDataset(path)[index]
    assert isinstance(pictures, list)
    np.testing.assert_array_equal(pictures, PIXELS[index])


def test_take_reads_several_pictures_into_one_array(path):
    dataset = PackedDataset(path)
    for indexes in ([7, 0, 7, -1], np.array([3]), np.arange(10)[::-1]):
        pictures = dataset.take(indexes)
        assert type(pictures) is np.ndarray
        assert pictures.dtype == np.uint8
        assert pictures.flags.c_contiguous
        assert pictures.flags.writeable
        np.testing.assert_array_equal(pictures, PIXELS[indexes])
    assert dataset.take(np.arange(0)).shape == (0, 4, 4, 3)
    pictures = dataset.take([0])
    pictures[:] = 0
    np.testing.assert_array_equal(dataset.pixels, PIXELS)


@pytest.mark.parametrize("index", [10, -11])
def test_take_of_a_picture_that_is_not_there(path, index):
    with pytest.raises(IndexError):
        PackedDataset(path).take([0, index])


def test_the_file_is_mapped_not_read(path):
    assert isinstance(PackedDataset(path).pixels.base, np.memmap | mmap.mmap)


def test_a_pickle_holds_the_path_alone_wherever_it_is_opened(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    pickled = pickle.dumps(PackedDataset("faces"))
    assert len(pickled) < 500
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(pickle.loads(pickled).pixels, PIXELS)


def test_chainers_serial_iterator_hands_it_out(path):
    iterator = SerialIterator(PackedDataset(path), 5, repeat=False, shuffle=True)
    seen = np.concatenate([concat_examples(batch) for batch in iterator])
    assert seen.shape == PIXELS.shape
    assert sorted(map(bytes, seen)) == sorted(map(bytes, PIXELS))


def test_chainers_multiprocess_iterator_hands_it_out_to_spawned_workers(path):
    script = path.with_name("script.py")
    script.write_text(
        "import multiprocessing, sys\n"
        "import numpy as np\n"
        "from illust_gan import PackedDataset\n"
        "from chainer.iterators import MultiprocessIterator\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    dataset = PackedDataset(sys.argv[1])\n"
        "    iterator = MultiprocessIterator(\n"
        "        dataset, 5, repeat=False, shuffle=False, n_processes=1)\n"
        "    batches = [next(iterator), next(iterator)]\n"
        "    iterator.finalize()\n"
        "    np.testing.assert_array_equal(np.concatenate(batches), dataset.pixels)\n"
        "    print('same')\n"
    )
    root = Path(__file__).parents[2]
    search = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, script, path],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "same\n", done.stderr


def test_a_set_that_is_not_there(tmp_path):
    with pytest.raises(
        DatasetError, match=r"no data set .*none\.npy; .*`illust-gan dataset avatars .*none\.npy`"
    ):
        PackedDataset(tmp_path / "none")


def test_a_folder_of_pictures_is_to_be_packed_first(tmp_path):
    with pytest.raises(
        DatasetError,
        match=r"is a folder; wanted a packed data set: .*`illust-gan dataset pack \S+ \S+\.npy",
    ):
        PackedDataset(tmp_path)


def test_another_kind_of_file(tmp_path):
    archive = tmp_path / "faces.zip"
    archive.touch()
    with pytest.raises(DatasetError, match=r"faces\.zip is no packed data set; wanted a \.npy"):
        PackedDataset(archive)
