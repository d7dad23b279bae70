"""``--precision`` of train and generate."""

import json
import shutil

import pytest

import illust_gan
from illust_gan.commands.main import main
from illust_gan.commands.precision import use_precision
from tests.functions.test_bf16 import lacks_bf16, needs_bf16


def run(command, **names):
    return main([part.format(**names) for part in command.split()])


TRAIN = "train --net rezoolab --data {d} --out {t}/run -b 4 --iterations 1 --precision bf16"
GENERATE = "generate {r}/generator.npz -o {t}/faces.png --n 2 --precision bf16"


@lacks_bf16
@pytest.mark.parametrize("command", [TRAIN, GENERATE])
def test_a_processor_without_is_told_in_one_line(command, avatars, trained, tmp_path, capsys):
    assert run(command, d=avatars, r=trained, t=tmp_path) == 2
    assert capsys.readouterr().err == (
        "illust-gan: precision bf16 is not to be had: this processor has no AVX512-BF16, with AMX "
        "or without; leave --precision away, or give --precision float32 where a run or script "
        "has bf16\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [TRAIN, GENERATE])
def test_without_the_fast_paths(command, avatars, trained, tmp_path, capsys):
    with illust_gan.config.using(fast=False):
        assert run(command, d=avatars, r=trained, t=tmp_path) == 2
    assert "--precision bf16 needs the fast paths, which ILLUST_GAN_FAST=0 switches off" in (
        capsys.readouterr().err
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("precision", ["tf32", "float16"])
def test_those_of_a_gpu_on_the_cpu(precision, avatars, tmp_path, capsys):
    assert run(TRAIN.replace("bf16", precision), d=avatars, t=tmp_path) == 2
    assert capsys.readouterr().err == (
        f"illust-gan: precision {precision} is not to be had: it is for a GPU; leave --precision "
        f"away, or give --precision float32 where a run or script has {precision}\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_gpu_that_is_not_there():
    with pytest.raises(illust_gan.UserError, match=r"precision tf32 is not to be had: .*; leave"):
        use_precision("tf32", "@cupy:99")


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["tf32", "bf16", "float16"])
def test_on_a_gpu(precision, trained, tmp_path):
    command = GENERATE.replace("bf16", precision) + " -d 0"
    assert run(command, r=trained, t=tmp_path) == 0
    assert (tmp_path / "faces.png").exists()


@lacks_bf16
def test_a_run_in_bf16_goes_on_elsewhere_in_float32(trained, tmp_path, capsys):
    out = tmp_path / "run"
    shutil.copytree(trained, out)
    options = json.loads((out / "options.json").read_text())
    (out / "options.json").write_text(json.dumps({**options, "precision": "bf16"}))
    assert run("train --resume --out {o} --iterations 4", o=out) == 2
    assert "give --precision float32 where a run" in capsys.readouterr().err
    assert run("train --resume --out {o} --iterations 4 --precision float32", o=out) == 0
    assert json.loads((out / "options.json").read_text())["precision"] == "float32"


@needs_bf16
def test_a_run_keeps_its_precision(avatars, trained, tmp_path, capsys):
    assert run(TRAIN, d=avatars, t=tmp_path) == 0
    assert illust_gan.config.precision == "float32"
    assert run("train --resume --out {t}/run --iterations 2", t=tmp_path) == 0
    assert json.loads((tmp_path / "run" / "options.json").read_text())["precision"] == "bf16"
    pictures = []
    for precision in ("float32", "bf16"):
        command = GENERATE.replace("bf16", precision)
        assert run(f"{command} --force", r=trained, t=tmp_path) == 0
        pictures.append((tmp_path / "faces.png").read_bytes())
    assert pictures[0] != pictures[1]
