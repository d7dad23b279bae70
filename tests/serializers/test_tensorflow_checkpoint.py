"""TensorFlow's own files: which they are, what is in them, and what is wrong with them."""

import pathlib
import shutil
import sys

import numpy as np
import pytest

import illust_gan
from illust_gan.serializers.reader import SnapshotError
from illust_gan.serializers.tensorflow_checkpoint import CheckpointReader, find_checkpoint
from tests.golden_run import GOLDEN
from tests.serializers.variables import assert_same, expect, golden, save, write_saver

# What the last bytes of TensorFlow's tables are.
MAGIC = bytes.fromhex("57fb808b247547db")


@pytest.fixture(params=["tf-sugyan-generator", "tf-kim", "tf-kim-conditional"])
def variables(request):
    return golden(request.param)


@pytest.fixture
def no_tensorflow(monkeypatch):
    # None in sys.modules is how Python marks what cannot be imported.
    monkeypatch.setitem(sys.modules, "tensorflow", None)


# Which they are


def test_names_of_a_checkpoint(tmp_path):
    name = str(tmp_path / "DCGAN.model-5")
    assert find_checkpoint(name) is None
    parts = [f"{name}{end}" for end in (".meta", ".data-00000-of-00002", ".data-00001-of-00002")]
    for part in parts:
        pathlib.Path(part).write_bytes(b"anything")
    pathlib.Path(f"{name}.index").write_bytes(b"table" + MAGIC)
    for file in (name, pathlib.Path(name), f"{name}.index", *parts):
        assert find_checkpoint(file) == name
    assert find_checkpoint(tmp_path) is None
    (tmp_path / "checkpoint").touch()
    assert find_checkpoint(tmp_path) == str(tmp_path)


def test_names_of_a_checkpoint_in_one_file(tmp_path):
    name = str(tmp_path / "DCGAN.model-5")
    pathlib.Path(name).write_bytes(b"table" + MAGIC)
    pathlib.Path(f"{name}.meta").write_bytes(b"anything")
    assert find_checkpoint(name) == find_checkpoint(f"{name}.meta") == name


@pytest.mark.parametrize("content", [b"", b"hello, world", MAGIC[1:], MAGIC + b"."])
def test_other_files_are_no_checkpoints(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert find_checkpoint(tmp_path / "x") is None
    (tmp_path / "y.meta").write_bytes(content)
    assert find_checkpoint(tmp_path / "y.meta") is None


@pytest.mark.parametrize("start", [b"PK", b"\x89HDF"])
@pytest.mark.parametrize("name", ["x", "x.index", "x.meta"])
def test_archives_are_never_given_to_tensorflow(tmp_path, start, name):
    (tmp_path / name).write_bytes(start + MAGIC)
    assert find_checkpoint(tmp_path / name) is None


@pytest.mark.parametrize("content", [b"", b"hello, world", MAGIC[1:]])
def test_index_that_was_cut_short(tmp_path, no_tensorflow, content):
    (tmp_path / "x.index").write_bytes(content)
    message = r"x cannot be read as a TensorFlow checkpoint: .*x\.index is no table of"
    for load in (illust_gan.load_tensorflow_generator, illust_gan.load_generator):
        for name in ("x", "x.index"):
            expect(message, tmp_path / name, load)


def test_index_that_is_missing(tmp_path, no_tensorflow):
    (tmp_path / "x.data-00000-of-00001").write_bytes(b"numbers")
    message = r"x cannot be read as a TensorFlow checkpoint: .*x\.index is not there"
    for load in (illust_gan.load_tensorflow_generator, illust_gan.load_generator):
        expect(message, tmp_path / "x.data-00000-of-00001", load)


def test_what_is_none_is_said_without_tensorflow(tmp_path, no_tensorflow):
    for name, content in {"empty": b"", "text": b"hello, world", "table": MAGIC + b"."}.items():
        (tmp_path / name).write_bytes(content)
        expect(rf"{name} is neither an \.npz archive nor HDF5 nor a whole", tmp_path / name)
        expect(
            rf"{name} is no snapshot: it is neither an \.npz archive nor HDF5",
            tmp_path / name,
            illust_gan.load_generator,
        )
    expect(r"is a folder without a file called checkpoint; give", tmp_path)
    expect(r"is a folder; give a file in it", tmp_path, illust_gan.load_generator)
    expect(r"model-5 does not exist", tmp_path / "model-5")
    expect(r"model-5 does not exist", tmp_path / "model-5", illust_gan.load_generator)


@pytest.mark.parametrize(
    "load", [illust_gan.load_tensorflow_generator, illust_gan.load_discriminator]
)
def test_checkpoint_without_tensorflow(tmp_path, no_tensorflow, load):
    (tmp_path / "model.index").write_bytes(MAGIC)
    with pytest.raises(
        SnapshotError, match=r"pip install tensorflow-cpu; or give an \.npz"
    ) as caught:
        load(tmp_path / "model.index")
    sentence, *lines = str(caught.value).split("\n")
    assert sentence.startswith(f"{tmp_path / 'model'} is no .npz")
    assert len(lines) == 3
    assert f'tf.train.load_checkpoint("{tmp_path / "model"}")' in lines[0]


# What is in them


@pytest.mark.parametrize("version", [1, 2])
def test_checkpoint_of_a_saver(tf, tmp_path, variables, version):
    path = write_saver(tf, tmp_path / "DCGAN.model", variables, version)
    assert path == str(tmp_path / "DCGAN.model-1000")
    there = illust_gan.load_tensorflow_generator(save(tmp_path, variables))
    for file in (path, tmp_path, *tmp_path.glob("DCGAN.model-1000.*")):
        assert_same(illust_gan.load_tensorflow_generator(file), there)
        assert_same(illust_gan.load_generator(file), there)


def test_checkpoint_of_today(tf, tmp_path, variables):
    objects = {name: tf.Variable(array) for name, array in variables.items()}
    path = tf.train.Checkpoint(variables=objects, step=tf.Variable(7)).write(str(tmp_path / "now"))
    there = illust_gan.load_tensorflow_generator(save(tmp_path, variables))
    assert_same(illust_gan.load_tensorflow_generator(path), there)
    assert_same(illust_gan.load_generator(path), there)


def test_npz_by_the_three_lines_of_the_docstring(tf, tmp_path, monkeypatch):
    write_saver(tf, tmp_path / "DCGAN.model", golden("tf-kim"))
    monkeypatch.chdir(tmp_path)
    text = illust_gan.load_tensorflow_generator.__doc__
    lines = text.partition("::\n\n")[2].split("\n\n")[0]
    exec("\n".join(line.strip() for line in lines.splitlines()), {"tf": tf, "np": np})
    gen = illust_gan.load_generator("variables.npz")
    assert_same(gen, illust_gan.load_tensorflow_generator(GOLDEN / "tf-kim.npz"))


@pytest.mark.parametrize("version", [1, 2])
def test_sizes_of_a_checkpoint(tf, tmp_path, version):
    path = write_saver(tf, tmp_path / "DCGAN.model", golden("tf-kim"), version)
    files = [f for f in tmp_path.glob("DCGAN.model-1000*") if f.suffix != ".meta"]
    for name in (path, str(tmp_path)):
        reader = CheckpointReader(name)
        assert reader.size == sum(file.stat().st_size for file in files)
        assert len(reader) == len(golden("tf-kim")) + 1
        assert "global_step" in reader
        assert reader.shape_of("g_h4/w") == (5, 5, 3, 8)


def test_folder_that_was_elsewhere(tf, tmp_path):
    write_saver(tf, tmp_path / "there" / "DCGAN.model", golden("tf-kim"))
    shutil.move(tmp_path / "there", tmp_path / "here")
    state = tmp_path / "here" / "checkpoint"
    for folder in (f"{tmp_path}/there/", "C:\\\\there\\\\"):
        state.write_text(f'model_checkpoint_path: "{folder}DCGAN.model-1000"')
        gen = illust_gan.load_generator(tmp_path / "here")
        assert_same(gen, illust_gan.load_generator(GOLDEN / "tf-kim.npz"))


# What is wrong with them


def test_broken_checkpoints(tf, tmp_path):
    path = write_saver(tf, tmp_path / "DCGAN.model", golden("tf-kim"))
    data = pathlib.Path(f"{path}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:1000])
    expect(r"cannot be read as a TensorFlow checkpoint", path)
    data.unlink()
    expect(r"cannot be read as a TensorFlow checkpoint", path)
    index = pathlib.Path(f"{path}.index")
    index.write_bytes(bytes(len(index.read_bytes())) + MAGIC)
    expect(r"cannot be read as a TensorFlow checkpoint", path)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("", "Invalid checkpoint state"),
        ("hello", "its file called checkpoint names none"),
        ('model_checkpoint_path: "model-7"', "names model-7, which is not there"),
        ('model_checkpoint_path: "text"', "names text, which is not there"),
    ],
)
def test_folder_without_its_checkpoint(tf, tmp_path, state, why):
    (tmp_path / "checkpoint").write_text(state)
    (tmp_path / "text").write_text("hello")
    expect(rf"cannot be read as a TensorFlow checkpoint: .*{why}", tmp_path)
