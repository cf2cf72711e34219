"""The notebooks of the documentation run from top to bottom, and say what their text says they do."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
SECONDS = 300
"""That a cell may take, on a machine that is busy."""
SAID = {
    "learn": ["agree", "h_r = np.maximum(h, 0)", "∂L/∂x[i]", "grad_w1 = x.T @ grad_h", "lr = 0.1: the loss goes from"],
    "check": ["22 of 40 points", "a mean where a sum belongs", "40 of 40 points", "4 of 4 points", "agree"],
    "migrate": ["disagree: forward parts at bn", "eps 2e-05 | 1e-05", "Old (chainer) | New (torch): agree", "bn"],
}
"""What each shows, in this order."""


def shown(output: Any) -> str:
    """What an output says, as text."""
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def test_every_notebook_is_tested_and_holds_no_outputs() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == SAID.keys()
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = nbformat.read(path, nbformat.NO_CONVERT).cells
        assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)


@pytest.mark.parametrize("name", SAID)
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_and_shows_what_it_is_about(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", nbformat.NO_CONVERT)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    text = " ".join(" ".join(map(shown, outputs)).split())
    place = 0
    for said in SAID[name]:
        place = text.index(said, place)
    results = [output for output in outputs if output.output_type == "execute_result"]
    assert results
    assert all("lockstep-card" in output.data["text/html"] for output in results)
    assert not [output for output in outputs if output.get("name") == "stderr"]
