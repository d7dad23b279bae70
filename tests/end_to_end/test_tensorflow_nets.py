"""The nets of 2016 on the command line: all that the nets of 2015 can do."""

import numpy as np
import pytest
from PIL import Image

import illust_gan
from illust_gan.commands.main import main
from illust_gan.generation.directions import net_name
from tests.same_snapshot import read_arrays


def run(command):
    assert main(command.split()) == 0


@pytest.mark.parametrize(("net", "updates"), [("sugyan", 1), ("kim", 2)])
def test_from_pictures_to_directions(net, updates, avatars, tmp_path, capsys):
    train = f"train --net {net} --data {avatars} -b 2 --snapshot-interval 1"
    run(f"{train} --out {tmp_path}/whole --iterations 2")
    run(f"{train} --out {tmp_path}/broken --iterations 1")
    run(f"train --resume --out {tmp_path}/broken --iterations 2")
    whole, broken = (read_arrays(tmp_path / d / "snapshot_iter_2") for d in ("whole", "broken"))
    assert whole.keys() == broken.keys()
    for name in whole:
        # A run's end writes a line of its log.
        if name.startswith("updater/"):
            np.testing.assert_array_equal(whole[name], broken[name], err_msg=name)

    gen = illust_gan.load_generator(tmp_path / "whole" / "snapshot_iter_2")
    assert net_name(gen) == net
    assert whole["updater/optimizer:gen/t"] == 2 * updates
    assert whole["updater/optimizer:dis/t"] == 2

    file = tmp_path / "whole" / "generator.npz"
    run(f"inspect {file}")
    assert f"{net}'s generator" in capsys.readouterr().out
    run(f"generate {file} -o {tmp_path}/faces.png --n 4 --columns 4")
    run(f"walk {file} -o {tmp_path}/walk.png --faces 0,1 --frames 2")
    for method in ("sefa", "ganspace"):
        out = tmp_path / f"{method}.npz"
        run(f"directions find {file} -o {out} --n 2 --method {method} --samples 101")
        run(f"directions sheet {file} {out} -o {tmp_path}/{method}.png --columns 3")
    snapshot = tmp_path / "whole" / "snapshot_iter_2"
    run(f"project {snapshot} {tmp_path}/faces.png -o {tmp_path}/p.png --steps 1")
    sizes = {}
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            sizes[path.stem] = picture.size
    assert sizes["faces"] == (256, 64)
    assert sizes["sefa"] == sizes["ganspace"] == (192, 128)


@pytest.mark.parametrize(("net", "n"), [("kim", 1), ("rezoolab", 3)])
def test_other_numbers_of_updates(net, n, avatars, tmp_path):
    run(f"train --net {net} --data {avatars} -b 2 --iterations 1 --out {tmp_path}/a")
    options = f"-b 2 --iterations 2 --gen-updates {n} --init-gen {tmp_path}/a/generator.npz"
    run(f"train --net {net} --data {avatars} --out {tmp_path}/b {options}")
    arrays = read_arrays(tmp_path / "b" / "snapshot_iter_2")
    assert arrays["updater/optimizer:gen/t"] == 2 * n
    assert arrays["updater/optimizer:dis/t"] == 2


@pytest.mark.parametrize("net", ["sugyan", "kim"])
def test_faces_of_96_pixels(net, tmp_path):
    run(f"dataset avatars {tmp_path}/faces --size 96 --n 4")
    run(f"train --net {net} --data {tmp_path}/faces.npy -b 2 --iterations 1 --out {tmp_path}/run")
    gen = illust_gan.load_generator(tmp_path / "run" / "generator.npz")
    assert gen.size == 96
    run(f"generate {tmp_path}/run/generator.npz -o {tmp_path}/faces.png --n 2")
    with Image.open(tmp_path / "faces.png") as picture:
        assert picture.size == (192, 96)


def test_from_labels_to_faces_of_a_label(tmp_path, capsys):
    run(f"dataset avatars {tmp_path}/styles --size 28 --n 30 --labels style")
    train = f"train --net kim-conditional --data {tmp_path}/styles.npy -b 4 --snapshot-interval 1"
    run(f"{train} --out {tmp_path}/whole --iterations 3")
    out = capsys.readouterr().out
    assert f"training kim-conditional on 30 pictures with 3 labels of {tmp_path}/styles.npy" in out
    run(f"{train} --out {tmp_path}/broken --iterations 1")
    run(f"train --resume --out {tmp_path}/broken --iterations 3")
    whole, broken = (read_arrays(tmp_path / d / "snapshot_iter_3") for d in ("whole", "broken"))
    assert whole.keys() == broken.keys()
    for name in whole:
        if name.startswith("updater/"):
            np.testing.assert_array_equal(whole[name], broken[name], err_msg=name)
    with Image.open(tmp_path / "whole" / "sheets" / "iter_000003.png") as picture:
        assert picture.size == (8 * 28, 3 * 28)

    file = tmp_path / "whole" / "generator.npz"
    run(f"generate {file} -o {tmp_path}/all.png")
    run(f"generate {file} -o {tmp_path}/one.png --label toon-head --n 8")
    with Image.open(tmp_path / "all.png") as every, Image.open(tmp_path / "one.png") as one:
        np.testing.assert_array_equal(np.asarray(every)[2 * 28 :], np.asarray(one))
    capsys.readouterr()
    run(f"inspect {file}")
    out = capsys.readouterr().out
    assert "kim-conditional's generator, z of 100 → 3×28×28, 3 labels, " in out
    run(f"convert {file} {tmp_path}/gen.h5")
    loaded = illust_gan.load_generator(tmp_path / "gen.h5")
    assert loaded.label_names == ("lorelei", "adventurer", "toon-head")
