"""The folder of a page: whole or not at all, and small."""

import gzip
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import illust_gan
from illust_gan.errors import UserError
from illust_gan.export import runtime
from illust_gan.export.errors import ExportError
from illust_gan.export.web import check_page
from tests.export.generators import as_trained

ROOT = os.path.dirname(os.path.dirname(illust_gan.__file__))


def files_of(folder):
    return {
        os.path.relpath(os.path.join(where, name), folder): os.path.join(where, name)
        for where, _, names in os.walk(folder)
        for name in names
    }


def test_is_small(page):
    sizes = [os.path.getsize(path) for path in files_of(page).values()]
    assert sum(sizes) < 25e6
    # What one visitor loads, as a server compresses it: one of the two programs.
    loaded = 0
    for name, path in files_of(page).items():
        if "ort.wasm" not in name:
            with open(path, "rb") as f:
                loaded += len(gzip.compress(f.read()))
    assert loaded < 12e6


def test_holds_all_that_it_names(page):
    names = files_of(page)
    assert {f"runtime/{name}" for name in runtime.FILES} <= set(names)
    assert "runtime/onnxruntime-license.txt" in names
    settings = json.loads((page / "site.json").read_text(encoding="utf-8"))
    assert settings["bytes"] == {
        name: os.path.getsize(names[name])
        for name in ("generator.onnx", "runtime/ort.wasm.gz", "runtime/ort.jspi.gz")
    }
    # Anybody may read it: it is to be served.
    assert os.stat(page).st_mode & 0o005 == 0o005
    assert all(os.stat(path).st_mode & 0o004 for path in names.values())


def test_directions_are_sefa_s_where_none_are_given(tmp_path, page, gen):
    illust_gan.export_web(gen, tmp_path / "page")
    settings = json.loads((tmp_path / "page" / "site.json").read_text(encoding="utf-8"))
    wanted = illust_gan.sefa(gen, 8)
    assert [direction["name"] for direction in settings["directions"]] == list(wanted.names)
    vectors = np.float32([direction["vector"] for direction in settings["directions"]])
    assert np.array_equal(vectors, wanted.vectors)
    assert settings["name"] == "rezoolab"


def test_a_page_is_replaced_only_if_asked_to(tmp_path, page, gen):
    out = tmp_path / "page"
    out.mkdir()
    illust_gan.export_web(gen, out)
    (out / "old").touch()
    with pytest.raises(ExportError, match=r"exists already; give another name.*--force"):
        illust_gan.export_web(gen, out)
    assert (out / "old").exists()
    illust_gan.export_web(gen, out, overwrite=True)
    assert not (out / "old").exists()
    assert os.listdir(tmp_path) == ["page"]


def test_what_is_no_page_is_never_replaced(tmp_path):
    (tmp_path / "drawings").mkdir()
    (tmp_path / "drawings" / "mine.png").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("drawings", "file", "link"):
        with pytest.raises(
            ExportError, match=f"{name} exists already and is no page of illust-gan"
        ):
            check_page(tmp_path / name, True)


def test_directions_of_another_generator_are_refused(tmp_path, page, directions):
    other = as_trained("rezoolab")
    with pytest.raises(UserError, match="was made for a generator of rezoolab with the weights"):
        illust_gan.export_web(other, tmp_path / "page", directions=directions)
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_of_a_page_that_failed(tmp_path, page):
    gen = as_trained("rezoolab")
    gen.conv1.b.array[:] = np.nan
    with pytest.raises(ExportError, match="hold NaN or infinity"):
        illust_gan.export_web(gen, tmp_path / "page")
    assert os.listdir(tmp_path) == []


def test_says_how_to_get_the_runtime(tmp_path, monkeypatch, gen):
    monkeypatch.setattr(runtime, "FOLDER", tmp_path / "none")
    wanted = (
        r"onnxruntime-web 1\.\d+\.\d+, which was not there .* npm pack .* --runtime onnxruntime"
    )
    with pytest.raises(ExportError, match=wanted):
        illust_gan.export_web(gen, tmp_path / "page")
    assert os.listdir(tmp_path) == []


def test_another_runtime_is_refused(tmp_path, gen):
    archive = tmp_path / runtime.ARCHIVE
    archive.write_bytes(b"\x1f\x8b something else")
    with pytest.raises(ExportError, match="is refused: its SHA-512 is not that of onnxruntime-web"):
        illust_gan.export_web(gen, tmp_path / "page", archive=archive)
    assert os.listdir(tmp_path) == [runtime.ARCHIVE]


def test_a_wheel_has_page_and_runtime(tmp_path, page):
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    built = tmp_path / "illust_gan" / "export"
    assert runtime.is_there(built / runtime.PACKAGE / runtime.VERSION)
    assert (built / "page" / "index.html").exists()
    assert (built / "page" / "onnxruntime-license.txt").exists()


def test_npm_brings_the_runtime(tmp_path, page):
    """The package from the registry is the one that the checksum is of."""
    runtime.download(tmp_path / "there")
    assert runtime.is_there(tmp_path / "there")
    for name in runtime.FILES:
        assert (tmp_path / "there" / name).read_bytes() == (runtime.FOLDER / name).read_bytes()


def test_without_npm_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="npm is not installed"):
        runtime.download(tmp_path / "there")
    assert os.listdir(tmp_path) == []
