import dataclasses
import doctest
import pathlib
import sys

import chainer
import click
import numpy as np
import pytest

import illust_gan
from illust_gan.nets import RECIPES

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))

import cpu
from contest import arithmetic, machine, ratios
from contest.weights import write_weights
from cpu_benchmark import figures, parity, plan, rounds, table

TRAIN = plan.Configuration("train", "rezoolab", 2, 1)
GENERATE = plan.Configuration("generate", "rezoolab", 2, 1)
TORCH = cpu.VENVS / "torch/bin/python"
CONTENDERS = ("this_project", "stock_chainer", "this_project_bf16")


def run(configuration, contenders, folder):
    pythons = dict.fromkeys([*contenders, "product_numpy"], sys.executable)
    job = write_weights(configuration.net, folder)
    return rounds.run(configuration, job, contenders, 2, pythons, folder, warn=pytest.fail)


@pytest.mark.parametrize("module", [arithmetic, machine, ratios])
def test_examples_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


class Count(chainer.FunctionHook):
    """Counts the GFLOP of the products that Chainer's own functions do."""

    def __init__(self):
        self.gflop = 0

    def forward_preprocess(self, function, in_data):
        a, b = in_data[:2] if len(in_data) > 1 else (None, None)
        multiplications = {
            # Here x has one place for each picture.
            "LinearFunction": lambda: len(a) * b.size,
            "LinearGradData": lambda: len(b) * a.size,
            "LinearGradWeight": lambda: len(a) * a[0].size * b[0].size,
            # Places are the smaller map's.
            "Deconvolution2DFunction": lambda: a[:, 0].size * b.size,
            "Convolution2DFunction": lambda: a[:, 0].size // 4 * b.size,
            "Convolution2DGradW": lambda: b.size * a.shape[1] * function.kh * function.kw,
        }
        if function.label in multiplications:
            self.gflop += 2 * multiplications[function.label]() / 1e9


@pytest.mark.parametrize("net", plan.NETS + plan.MORE_NETS)
def test_direct_count_is_that_of_the_nets(net):
    recipe = RECIPES[net]
    nets = dict(zip(("gen", "dis"), recipe.make_nets()))
    z = np.zeros((2, 100), np.float32)
    with illust_gan.config.using(fast=False):
        with Count() as count, chainer.no_backprop_mode():
            nets["gen"](z)
        assert count.gflop == pytest.approx(arithmetic.gflop("generate", net, 2))
        optimizers = {name: recipe.make_optimizer(chain) for name, chain in nets.items()}
        updater = illust_gan.DCGANUpdater(
            chainer.iterators.SerialIterator([0], 1), optimizers, recipe
        )
        with Count() as count:
            updater.learn(z, np.zeros((2, 3, recipe.size, recipe.size), np.float32))
        assert count.gflop == pytest.approx(arithmetic.gflop("train", net, 2))


def test_plan_has_the_figures_configurations():
    configurations = plan.configurations()
    assert len(set(configurations)) == len(configurations)
    for _, deed, batchsize, *_ in figures.FIGURES:
        for net in plan.NETS:
            assert plan.Configuration(deed, net, batchsize, 2) in configurations


def test_contenders_take_turns_and_their_report_is_written(tmp_path):
    records = [run(c, CONTENDERS, tmp_path) for c in (TRAIN, GENERATE)]
    for record in records:
        entry = record["contenders"]["stock_chainer"]
        assert len(entry["seconds"]) == 2
        assert 0 < entry["libraries_mb"] < entry["peak_mb"]
    assert figures.share(records[0], "this_project") > 0
    report = {
        "date": "2026-01-01",
        "commit": "0123abc",
        "machine": machine.describe(),
        "rounds": 2,
        "configurations": records,
    }
    text = table.table(report)
    assert "train step, rezoolab, batch 2, 1 thread: 4.1 GFLOP, ceiling" in text
    assert text.count("\nstock Chainer ") == 2
    cpu.write(report, tmp_path / "report")
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")


def test_nets_that_are_asked_for_have_their_columns(tmp_path):
    record = run(plan.Configuration("train", "kim", 2, 1), CONTENDERS[:2], tmp_path)
    made = {"date": "2026-01-01", "commit": "0123abc", "machine": machine.describe(), "rounds": 2}
    text = table.table(made | {"configurations": [record]})
    (head,) = (line for line in text.splitlines() if line.startswith("2 threads"))
    assert head.split()[5:] == ["kim", "goal", "stretch"]


@pytest.mark.skipif(not TORCH.exists(), reason="make bench builds PyTorch's environment")
@pytest.mark.parametrize("deed", plan.DEEDS)
@pytest.mark.parametrize("net", plan.MORE_NETS)
def test_turned_nets_of_pytorch_are_the_same_nets(net, deed, tmp_path):
    contenders = {"this_project": sys.executable, "torch_eager": TORCH}
    configuration = plan.Configuration(deed, net, 2, 1)
    pythons = contenders | {"product_numpy": sys.executable}
    job = write_weights(net, tmp_path)
    # Which are not timed if they do not compute the same.
    record = rounds.run(configuration, job, contenders, 1, pythons, tmp_path, warn=pytest.fail)
    assert record["contenders"].keys() == contenders.keys()


def test_contenders_that_compute_something_else_are_not_timed():
    warm_ups = {"a": [[0.7, 1.4], [0.5, 1.0]], "b": [[0.7, 1.4], [0.5, 1.001]]}
    parity.check(TRAIN, warm_ups)
    warm_ups["b"][0][1] = 1.401
    with pytest.raises(click.ClickException, match="first losses of b deviate from those of a"):
        parity.check(TRAIN, warm_ups)
    with pytest.raises(click.ClickException, match="pictures of b deviate"):
        parity.check(GENERATE, {"a": np.ones((2, 5)), "b": np.full((2, 5), np.nan)})


def test_first_loss_of_a_generator_that_learns_in_turn_is_a_later_one():
    in_turn = dataclasses.replace(TRAIN, net="kim")
    warm_ups = {"a": [[0.7, 1.4], [0.5, 1.0]], "b": [[0.701, 1.4], [0.5, 1.0]]}
    parity.check(in_turn, warm_ups)
    with pytest.raises(click.ClickException, match="first losses of b"):
        parity.check(TRAIN, warm_ups)
    warm_ups["b"][0] = [0.72, 1.4]
    with pytest.raises(click.ClickException, match="later losses of b"):
        parity.check(in_turn, warm_ups)
    warm_ups["b"][0] = [0.7, 1.401]
    with pytest.raises(click.ClickException, match="first losses of b"):
        parity.check(in_turn, warm_ups)


def test_contender_that_dies_tells_its_last_words(tmp_path):
    with pytest.raises(click.ClickException, match=r"ended with code 1(.|\n)*'nothing'"):
        run(GENERATE, ["nothing"], tmp_path)
