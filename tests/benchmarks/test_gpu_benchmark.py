import ctypes
import doctest
import json
import pathlib
import sys

import click
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))

import gpu
from gpu_benchmark import card, figures, minibatch, parity, plan, rounds, table, traffic
from gpu_benchmark.contenders import CONTENDERS, CORE, TORCH_COMPILE
from gpu_benchmark.reference import Reference

from illust_gan.nets import RECIPES
from tests.golden_run import OF_2015

TRAIN = plan.Configuration("train", "rezoolab", 4)
CARD = {"name": "NVIDIA Imaginary", "memory_mb": 8e4, "cuda": "13.0", "uuid": "GPU-0"}
RATES = {"bandwidth": 2e12, "tf32": 4e14, "bf16": 8e14}


def entry(seconds, **more):
    return {"seconds": [seconds] * 3, "least_bytes": 1e9, "version": "1", **more}


def report(*records, **more):
    made_up = {"date": "2026-01-01", "commit": "0123abc", "card": CARD, "rounds": 3}
    made_up["machine"] = {"processor": "Imaginary", "cores": 2}
    return {**made_up, "ceiling": RATES, "configurations": list(records), **more}


def record(batchsize, contenders, gflop=100, **more):
    c = {"deed": "train", "net": "rezoolab", "batchsize": batchsize}
    return {**c, "gflop": gflop, "no_time": [], "contenders": contenders, **more}


@pytest.mark.parametrize("module", [card, minibatch, plan, rounds, traffic])
def test_examples_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_plan_has_the_figures_configurations_first_and_each_once():
    entries = plan.entries()
    configurations = [e.configuration for e in entries]
    assert len(set(configurations)) == len(configurations) == 16
    batchsizes = {figure.batchsize for figure in figures.FIGURES}
    first = {(c.deed, c.net, c.batchsize) for c in configurations[:4]}
    assert first == {("train", net, n) for net in plan.NETS for n in batchsizes}
    assert entries[0].contenders == tuple(CONTENDERS)
    assert "torch_max_autotune_bf16" not in entries[-1].contenders
    assert set(TORCH_COMPILE) < set(entries[2].contenders)
    assert "stock_chainer" not in entries[2].contenders


def test_short_plan_begins_with_what_the_figures_need():
    entries = plan.entries(short=True)
    assert [str(e.configuration) for e in entries[:3]] == [
        "train step, rezoolab, batch 64",
        "train step, rezoolab, batch 2048",
        "train step, maccha, batch 64",
    ]
    assert {"this_project_float32", "stock_chainer"} < set(entries[0].contenders)
    assert entries[1].contenders == CORE
    # Afterwards all of them have their turn.
    assert plan.Entry(entries[0].configuration, tuple(CONTENDERS)) in entries
    assert len(set(entries)) == len(entries)


def test_filters_narrow_the_plan_and_training_one_picture_is_none():
    entries = plan.entries(["maccha"], ["train", "generate"], (1, 2), ["stock_chainer"], short=True)
    assert [(e.configuration.deed, e.configuration.batchsize) for e in entries] == [
        ("train", 2),
        ("generate", 1),
        ("generate", 2),
    ]
    assert {e.contenders for e in entries} == {("stock_chainer",)}


def test_plan_keeps_to_its_time():
    entries = plan.entries(short=True)
    fits = plan.fitting(entries, 7, 8)
    assert fits[:2] == [True, True]
    seconds = sum(plan.expected_seconds(e, 7) for e, fit in zip(entries, fits) if fit)
    assert seconds + plan.CEILING_SECONDS <= 8 * 60
    assert not any(plan.fitting(entries, 7, 1))


def test_figures_of_a_made_up_record():
    small = record(
        64,
        {
            "this_project_tf32": entry(1.0, process_mb=900),
            "this_project_bf16": entry(0.9),
            "this_project_float32": entry(2.0),
            "torch_eager_tf32": entry(4.0, process_mb=1000),
            "torch_graph_bf16": entry(1.0),
            "torch_reduce_overhead_tf32": entry(0.8),
            "stock_chainer": entry(10.0),
        },
    )
    # 1e9 bytes take 0.5 ms, and 100 GFLOP in bf16 0.125 ms.
    large = record(2048, {"this_project_bf16": entry(0.8e-3), "torch_graph_bf16": {"failed": "x"}})
    rows = {
        (figure.words, figure.batchsize): (value, words, verdict)
        for figure, _, value, words, verdict in figures.figures(report(small, large), ["rezoolab"])
    }
    assert rows["train step, tf32 / PyTorch eager, tf32", 64] == (
        0.25,
        "PyTorch tf32",
        "stretch reached",
    )
    value, words, verdict = rows["train step, bf16 / best torch.compile", 64]
    assert (value, verdict) == (pytest.approx(0.9 / 0.8), "missed")
    assert words == "torch.compile, reduce-overhead, tf32, best of the 2 of 6 that ran"
    assert len(TORCH_COMPILE) == 6
    assert rows["train step / stock Chainer on CuPy, both float32", 64][::2] == (0.2, "missed")
    assert rows["device memory of a train step, tf32 / PyTorch eager", 64][::2] == (0.9, "reached")
    assert rows["device memory of a train step, tf32 / PyTorch eager", 2048][::2] == (
        None,
        "not measured",
    )
    share, _, verdict = rows["train step, bf16, share of the card's ceiling", 2048]
    assert (share, verdict) == (pytest.approx(0.5 / 0.8), "reached")
    assert rows["train step, bf16 / best torch.compile", 2048][2] == "not measured"


def test_share_is_that_of_the_longer_time_and_of_nothing_not_measured():
    made = record(64, {"this_project_tf32": entry(1e-3), "this_project_float16": entry(1e-3)})
    made["gflop"] = 300
    assert figures.share(made, report(), "this_project_tf32") == pytest.approx(0.75)
    assert figures.share(made, report(), "this_project_float16") is None
    assert figures.share(made, report(ceiling={}), "this_project_tf32") is None


def test_table_says_what_was_not_measured_and_why():
    made = record(
        64,
        {
            "this_project_tf32": entry(1e-3, kernels=51),
            "torch_eager_tf32": {"failed": "ended.\nRuntimeError: CUDA out of memory"},
            "torch_graph_bf16": {"not_available": "no compiler"},
        },
    )
    made["no_time"] = ["stock_chainer"]
    text = table.table(report(made, passed_over=["generation, maccha, batch 1, 3 contenders"]))
    lines = text.splitlines()
    # Seven figures, two nets.
    assert sum(line.endswith("  not measured") for line in lines) == 14
    ours = next(line for line in lines if line.startswith("illust-gan tf32 "))
    assert "1.000 (1.000–1.000)" in ours
    assert " 64,000 " in ours
    assert " 51 " in ours
    assert "failed: ended. RuntimeError: CUDA out of memory" in text
    assert "not available: no compiler" in text
    assert "stock Chainer                                 no time was left for it" in text
    assert "not measured, as there was no time: generation, maccha" in text
    assert "bf16 800 TFLOP/s" in text
    assert "float16 not measured" in text
    # Where nothing was measured, too.
    assert "ceiling: not measured" in table.table(report(ceiling={}))


def test_parameters_and_maps_are_those_of_the_nets():
    for net in OF_2015:
        recipe = RECIPES[net]
        counts = []
        for chain in (recipe.Generator(), recipe.Discriminator()):
            # The article declares it and uses it nowhere.
            params = [p for name, p in chain.namedparams() if not name.startswith("/bn0/")]
            counts.append(sum(p.size for p in params))
        assert traffic.parameter_counts(net) == tuple(counts)
        picture, maps = traffic.map_sizes(net)
        assert picture == 3 * recipe.size**2
        linear = [link for link in chain.children() if hasattr(link, "out_size")]
        assert maps[-1] == linear[0].W.shape[1]


def test_bytes_of_a_small_net_by_hand(monkeypatch):
    # A net of one convolution, from 1 channel of 4×4 to 2 of 2×2, with z of 3 numbers.
    monkeypatch.setattr(traffic, "CHANNELS", (1, 2))
    monkeypatch.setattr(traffic, "SIZE", {"tiny": 4})
    monkeypatch.setattr(traffic, "N_LOGITS", {"tiny": 1})
    monkeypatch.setattr(traffic, "N_HIDDEN", 3)
    assert traffic.map_sizes("tiny") == (16, [8])
    # G: linear 3·8 + 8, its normalisation 2·8, convolution 16·2 + 1. D: 16·2 + 2, linear 8 + 1.
    assert traffic.parameter_counts("tiny") == (24 + 8 + 16 + 32 + 1, 34 + 9)
    # z, the map twice, in 16 bits; the picture in float32; the generator's weights.
    assert traffic.least_bytes("generate", "tiny", 5, "bf16") == 5 * ((3 + 16) * 2 + 16 * 4) + 162
    # Forward z, map and picture of G, and the maps of D twice; back the map and the picture of D,
    # the map of G, and the maps of D twice. The other picture is read as bytes.
    numbers = (3 + 16 + 32 + 2 * 16) + (16 + 32 + 16 + 2 * 16)
    of_parameters = (81 + 43) * (2 * 2 + 2 * 4 + 6 * 4)
    assert traffic.least_bytes("train", "tiny", 5, "float16") == (
        5 * (numbers * 2 + 16) + of_parameters
    )


def test_contenders_that_compute_something_else_are_not_timed():
    reference = [[0.7, 1.4], [0.5, 1.0]]
    same = {"result": reference, "replayed": None}
    assert "failed" not in parity.compare("train", "float32", same, reference)
    other = {"result": [[0.7, 1.405], [0.5, 1.0]], "replayed": None}
    assert "first losses" in parity.compare("train", "float32", other, reference)["failed"]
    assert "failed" not in parity.compare("train", "tf32", other, reference)
    nothing = {"result": [[0.7, float("nan")], [0.5, 1.0]], "replayed": None}
    assert "failed" in parity.compare("train", "bf16", nothing, reference)
    apart = {"result": reference, "replayed": [reference, [[0.7, 1.4], [0.5, 1.9]]]}
    assert "with a graph" in parity.compare("train", "tf32", apart, reference)["failed"]
    pictures = {"result": [0.5, -0.9], "replayed": None}
    assert "pictures" in parity.compare("generate", "tf32", pictures, [0.5, -1.0])["failed"]


def test_contenders_run_on_the_cpu_and_a_failing_one_is_left_out(tmp_path):
    reference = Reference(tmp_path, n_pictures=8)
    job, first_results = reference.of(TRAIN)
    names = ("this_project_tf32", "stock_chainer", "this_project_bf16")
    stage = rounds.Stage(dict.fromkeys(names, sys.executable), tmp_path, "cpu")
    job = job | {"gen": str(tmp_path / "is-missing.npz")}
    made = rounds.run(plan.Entry(TRAIN, names[:1]), job, 1, stage, first_results)
    failed = made["contenders"]["this_project_tf32"]["failed"]
    assert "is-missing.npz" in failed
    assert gpu.failures(report(made)) == ["train, rezoolab, batch 4: this_project_tf32 failed"]
    job, _ = reference.of(TRAIN)
    made = rounds.run(plan.Entry(TRAIN, names[:2]), job, 2, stage, first_results)
    for name in names[:2]:
        found = made["contenders"][name]
        assert len(found["seconds"]) == 2
        assert found["deviations"]["first losses"] < 1e-4
        assert found["least_bytes"] > 0
    # What the clock is too late for is left out before it begins.
    stage.deadline = 0
    made = rounds.run(plan.Entry(TRAIN, names), job, 2, stage, first_results)
    assert made["no_time"] == list(names)
    # And what has nowhere to run says so.
    made = rounds.run(
        plan.Entry(TRAIN, ("torch_eager_tf32",)), job, 2, rounds.Stage({}, tmp_path, "cpu"), []
    )
    assert "make bench-gpu" in made["contenders"]["torch_eager_tf32"]["not_available"]


def test_what_there_is_time_for_is_measured_and_written(tmp_path, monkeypatch):
    monkeypatch.setattr(rounds, "measure_ceiling", lambda stage: RATES)
    monkeypatch.setattr(gpu, "N_PICTURES", 8)
    entries = plan.entries(["rezoolab"], ["train"], (4, 6), ["this_project_tf32"])
    monkeypatch.setattr(plan, "expected_seconds", lambda entry, n: entry.configuration.batchsize)
    stage = rounds.Stage({"this_project_tf32": sys.executable}, tmp_path, "cpu")
    monkeypatch.setattr(stage, "left", lambda: 300 if not made["configurations"] else 1)
    made = report(passed_over=[])
    del made["ceiling"]
    gpu.measure(entries, 2, stage, made, tmp_path / "report")
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == made
    (measured,) = made["configurations"]
    assert len(measured["contenders"]["this_project_tf32"]["seconds"]) == 2
    assert made["passed_over"] == ["train step, rezoolab, batch 6, 1 contender"]


def test_memory_that_is_full_is_no_failure_of_ours():
    full = {"failed": "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 1 bytes"}
    assert not gpu.failures(report(record(64, {"this_project_tf32": full})))
    assert not gpu.failures(report(record(64, {"torch_eager_tf32": {"failed": "anything"}})))


def test_report_is_written_and_taken_over(tmp_path):
    made = report(record(64, {"this_project_tf32": entry(1e-3)}), passed_over=[])
    gpu.write(made, tmp_path / "report")
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    assert "illust-gan 0123abc on a GPU" in (tmp_path / "report.txt").read_text("utf-8")
    later = report(passed_over=[])
    del later["ceiling"]
    gpu.take_over(tmp_path / "report.json", later)
    assert later["configurations"] == made["configurations"]
    assert later["ceiling"] == RATES
    configuration = plan.Configuration("train", "rezoolab", 64)
    assert gpu.is_measured(plan.Entry(configuration, ("this_project_tf32",)), later)
    assert not gpu.is_measured(plan.Entry(configuration, CORE), later)
    with pytest.raises(click.UsageError, match="is of commit 0123abc and this run of 4567def"):
        gpu.take_over(tmp_path / "report.json", {**later, "commit": "4567def"})


def test_later_record_replaces_an_earlier_one_but_for_who_was_not_measured_again():
    both = record(64, {"this_project_tf32": entry(1), "stock_chainer": entry(2)})
    kept = report(both, record(16, {}))
    gpu.keep(kept, record(64, {"this_project_tf32": entry(3)}) | {"no_time": ["stock_chainer"]})
    other, made = kept["configurations"]
    assert other == record(16, {})
    assert made["contenders"] == {
        "this_project_tf32": entry(3),
        "stock_chainer": entry(2, apart=True),
    }
    assert made["no_time"] == []
    assert "stock Chainer *" in table.table(kept)
    again = record(64, {"this_project_tf32": entry(4), "stock_chainer": entry(5)})
    gpu.keep(kept, again)
    assert kept["configurations"][1]["contenders"]["stock_chainer"] == entry(5)
    assert "measured in an earlier pass" not in table.table(kept)


def test_without_a_gpu_it_refuses_in_one_sentence(monkeypatch, tmp_path):
    def find():
        raise card.NoCardError("NVIDIA's driver is there, but finds no GPU")

    monkeypatch.setattr(card, "find", find)
    result = CliRunner().invoke(gpu.main, ["--out", str(tmp_path / "report")])
    assert result.exit_code == 2
    assert result.output == (
        "Error: NVIDIA's driver is there, but finds no GPU, so there is nothing to measure on; "
        "--rehearse does what needs no GPU\n"
    )
    assert not list(tmp_path.iterdir())


class ImaginaryDriver:
    """Answers as libcuda does, into the places that it is given."""

    def __init__(self, code=0):
        self.code = code

    def __getattr__(self, name):
        assert name.startswith("cu")
        return lambda *arguments: self.code

    def cuDriverGetVersion(self, version):  # noqa: N802 - the driver's name
        version._obj.value = 13000

    def cuDeviceGetName(self, name, size, number):  # noqa: N802
        name.value = b"NVIDIA Imaginary"[:size]

    def cuDeviceTotalMem_v2(self, size, number):  # noqa: N802
        size._obj.value = 80_000_000_000

    def cuDeviceGetUuid(self, uuid, number):  # noqa: N802
        uuid.raw = bytes(range(16))


def test_card_is_found_by_the_driver(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: ImaginaryDriver())
    assert card.find() == {
        "name": "NVIDIA Imaginary",
        "memory_mb": 8e4,
        "cuda": "13.0",
        "uuid": "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f",
    }
    monkeypatch.setattr(ctypes, "CDLL", lambda name: ImaginaryDriver(code=100))
    with pytest.raises(card.NoCardError, match="finds no GPU"):
        card.find()
