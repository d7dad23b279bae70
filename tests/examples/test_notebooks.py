"""The notebooks run as Jupyter runs them, and are committed without what a run leaves in them."""

import pathlib
import re
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# In place of what a person waits for, cells tagged "parameters" get these, as papermill does it.
PARAMETERS = {
    "playing-with-z": {"FRAMES": 2, "SAMPLES": 200, "STEPS": 2},
    "train-a-little": {"N_FACES": 24, "N_ITERATIONS": 2, "BATCHSIZE": 4},
}

SHOWING = r"illust_gan\.sheet|illust_gan\.direction_sheet|mix_sheet|plt\.show|Image"

# The kernel is another process, which pytest's filter does not reach. ipykernel warns of itself
# as it shuts down, and on a new machine Matplotlib tells that it looks for fonts.
FIRST = f"""
import matplotlib.font_manager, sys, warnings
assert sys.prefix == {sys.prefix!r}, "Jupyter started the kernel of another environment"
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")
"""


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch, tmp_path):
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)


def test_they_are_found():
    assert [path.stem for path in NOTEBOOKS] == [
        "load-an-old-snapshot",
        "playing-with-z",
        "train-a-little",
        "what-transposed-convolution-does",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path):
    notebook = read(path)
    cells = [new_code_cell(FIRST)]
    for cell in notebook.cells:
        cells.append(cell)
        if "parameters" in cell.metadata.get("tags", ()):
            values = PARAMETERS.get(path.stem, {})
            unknown = [name for name in values if f"{name} = " not in cell.source]
            assert not unknown
            cells.append(new_code_cell("\n".join(f"{k} = {v!r}" for k, v in values.items())))
    notebook.cells = cells
    before = sorted(FOLDER.rglob("*"))

    # In the notebook's own folder, as Jupyter does.
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()

    assert sorted(FOLDER.rglob("*")) == before, "what notebooks write goes to a temporary folder"
    pictures = 0
    for cell in notebook.cells[1:]:
        outputs = cell.get("outputs", [])
        assert not [o for o in outputs if o.get("name") == "stderr"], outputs
        # A sheet in a cell's last line shows itself, and so do a plot and an animation.
        if re.search(rf"^({SHOWING})\(.*\)\Z", cell.source, re.MULTILINE):
            kinds = {kind for o in outputs for kind in o.get("data", {})}
            assert kinds & {"image/png", "image/gif"}, cell.source
            pictures += 1
    assert pictures


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_without_a_trace_of_running(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [], "save it after Jupyter's «Restart Kernel and Clear Outputs»"
            assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags"}, "what Jupyter keeps of a run: times, folded cells"
        assert cell.source.strip()
    # Editors put the name of a virtual environment here, which others lack.
    assert notebook.metadata.kernelspec.name == "python3"
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|root|tmp|Users|work|mnt|opt)/|[A-Z]:\\\\", text)
