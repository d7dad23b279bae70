import doctest
import pathlib
import sys

import chainer
import click
import numpy as np
import pytest

from illust_gan.nets import maccha

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))

import cpu
from contest import arithmetic, machine, ratios
from contest.weights import write_weights
from cpu_benchmark import figures, parity, plan, rounds, table

TRAIN = plan.Configuration("train", "rezoolab", 2, 1)
GENERATE = plan.Configuration("generate", "rezoolab", 2, 1)
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


def test_direct_count_is_that_of_the_nets():
    class Count(chainer.FunctionHook):
        def __init__(self):
            self.gflop = 0

        def forward_preprocess(self, function, in_data):
            if function.label in ("LinearFunction", "Deconvolution2DFunction"):
                x, W = in_data[:2]
                self.gflop += 2 * x[:, 0].size * W.size / 1e9

    z = np.zeros((2, 100), np.float32)
    with Count() as count, chainer.no_backprop_mode():
        maccha.Generator()(z)
    # A linear layer's x has one place for each picture.
    assert count.gflop == pytest.approx(arithmetic.gflop("generate", "maccha", 2))


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


def test_contenders_that_compute_something_else_are_not_timed():
    warm_ups = {"a": [[0.7, 1.4], [0.5, 1.0]], "b": [[0.7, 1.4], [0.5, 1.001]]}
    parity.check(TRAIN, warm_ups)
    warm_ups["b"][0][1] = 1.401
    with pytest.raises(click.ClickException, match="first losses of b deviate from those of a"):
        parity.check(TRAIN, warm_ups)
    with pytest.raises(click.ClickException, match="pictures of b deviate"):
        parity.check(GENERATE, {"a": np.ones((2, 5)), "b": np.full((2, 5), np.nan)})


def test_contender_that_dies_tells_its_last_words(tmp_path):
    with pytest.raises(click.ClickException, match=r"ended with code 1(.|\n)*'nothing'"):
        run(GENERATE, ["nothing"], tmp_path)
