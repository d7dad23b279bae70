import sys

import chainer
import pytest

from illust_gan.commands.main import main
from tests.export.generators import labelled
from tests.golden_run import GOLDEN

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

OLD = str(GOLDEN / "maccha-gen-chainer1.5.1.h5")
RUN = str(GOLDEN / "rezoolab-trainer-snapshot-chainer1.24.0")


def test_a_model_in_a_new_folder(tmp_path, capsys):
    out = tmp_path / "new" / "faces.onnx"
    assert main(["export", "onnx", RUN, str(out)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{RUN} is rezoolab's generator of Chainer 1.24 (")
    assert second.startswith(f"ONNX model of opset 25 in {out} (14.3 MB); its pictures differ from")
    (source,) = (p.value for p in onnx.load(out).metadata_props if p.key == "source")
    assert source == "rezoolab-trainer-snapshot-chainer1.24.0"


def test_half_and_the_era_of_an_old_file(tmp_path, capsys):
    arguments = ["export", "onnx", OLD, f"{tmp_path}/a.onnx", "--half", "--chainer-version"]
    assert main([*arguments, "1.24"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{OLD} is maccha's generator of Chainer 1.24 (as given)\n")
    assert "a.onnx (9.4 MB); its pictures" in said
    (eps,) = (p.value for p in onnx.load(tmp_path / "a.onnx").metadata_props if p.key == "eps")
    assert eps == "2e-05"


def test_force_replaces_and_nothing_else_does(tmp_path, capsys):
    out = tmp_path / "faces.onnx"
    out.write_text("mine")
    arguments = ["export", "onnx", RUN, str(out)]
    assert main(arguments) == 2
    assert "faces.onnx exists already; give another name, or replace it with --force" in (
        capsys.readouterr().err
    )
    assert out.read_text() == "mine"
    assert main([*arguments, "--force"]) == 0
    onnx.checker.check_model(out)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ("{run}/none.npz {tmp}/x.onnx", "none.npz does not exist; give the path of a snapshot"),
        ("{run}/generator.npz {tmp}/x.pb", "{tmp}/x.pb does not end in .onnx; give such a name"),
        ("{run}/generator.npz {tmp}/folder.onnx --force", "folder.onnx is a folder; give another"),
        (
            "{golden}/rezoolab-dis-chainer1.5.1.h5 {tmp}/new/x.onnx",
            "holds rezoolab's discriminator; drawing wants a generator",
        ),
        ("{run}/generator.npz", "Missing argument 'OUT.onnx'"),
    ],
)
def test_bad_input(trained, tmp_path, capsys, arguments, pattern):
    (tmp_path / "folder.onnx").mkdir()
    names = {"run": trained, "tmp": tmp_path, "golden": GOLDEN}
    assert main(["export", "onnx", *(a.format(**names) for a in arguments.split())]) == 2
    err = capsys.readouterr().err
    assert pattern.format(**names) in err
    assert err.startswith("illust-gan: ")
    assert err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["folder.onnx"]
    assert list((tmp_path / "folder.onnx").iterdir()) == []


@pytest.fixture
def labels(tmp_path):
    """A snapshot of a generator that knows cats, dogs and birds."""
    chainer.serializers.save_npz(tmp_path / "pets.npz", labelled())
    return str(tmp_path / "pets.npz")


def test_a_label(labels, tmp_path, capsys):
    arrays = []
    for label in ("cats", "dogs"):
        out = tmp_path / f"{label}.onnx"
        assert main(["export", "onnx", labels, str(out), "--label", label]) == 0
        assert f"of opset 25 in {out} (" in capsys.readouterr().out
        model = onnx.load(out)
        told = {p.key: p.value for p in model.metadata_props}
        assert (told["label"], told["source"]) == (label, "pets.npz")
        arrays.append({array.name: array.raw_data for array in model.graph.initializer})
    differing = {name for name, data in arrays[0].items() if arrays[1][name] != data}
    assert differing == {"g_h0_lin/b", "g_h1_lin/b", "g_h2/b", "g_h3/b"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("{labels}", "the generator has labels; give --label with one of cats, dogs, birds\n"),
        (
            "{labels} --label cows",
            "--label is cows, which the net does not know; wanted cats, dogs",
        ),
        (f"{RUN} --label cats", "--label is cats, but Rezoolab's DCGAN knows no labels; leave it"),
    ],
)
def test_labels_that_do_not_fit(labels, tmp_path, capsys, arguments, message):
    snapshot, *options = arguments.format(labels=labels).split()
    assert main(["export", "onnx", snapshot, f"{tmp_path}/new/x.onnx", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"illust-gan: {message}")
    assert err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_without_the_packages_it_says_what_to_install(trained, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    snapshot = str(trained / "generator.npz")
    assert main(["export", "onnx", snapshot, f"{tmp_path}/new/x.onnx"]) == 2
    assert capsys.readouterr().err == (
        "illust-gan: exporting to ONNX needs onnxruntime, which is not installed; "
        "pip install 'onnx>=1.20,<2' 'onnxruntime>=1.24,<2'\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_group_explains_itself(capsys):
    assert main(["export", "--help"]) == 0
    assert "\n  onnx " in capsys.readouterr().out
