"""Weights, buffers and data that start as arrays: from functions and from files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import find_scenario
from harness.recording.loading import load_backends
from harness.run import run_scenario
from scenarios import ScenarioError, buffer, param, randn, scenario, sgd
from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import WRONG_INPUT, check

TRAINED = """
import numpy as np
from scenarios import buffer, data, param, randn, scenario, sgd

@scenario(
    seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2),
    w=param(load="trained.npz:l1/W"), b=param(load="bias.npy"),
)
def mine(op, x, y, w, b):
    return op.mean_squared_error(op.linear(x, w, b), y)
"""


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A scenario beside the files of its weights."""
    arrays: dict[str, Any] = {"l1/W": np.arange(6.0).reshape(3, 2) / 7, "l1/N": np.array(3)}
    np.savez(tmp_path / "trained.npz", **arrays)
    np.save(tmp_path / "bias.npy", np.array([0.5, -0.5], np.float32))
    path = tmp_path / "mine.py"
    path.write_text(TRAINED)
    return path


def test_files_are_found_beside_the_scenario(trained: Path, lockstep: Lockstep) -> None:
    draws = draw_arrays(find_scenario(f"{trained}:mine"), "float32")
    np.testing.assert_array_equal(draws.weights["w"], (np.arange(6.0).reshape(3, 2) / 7).astype(np.float32))
    np.testing.assert_array_equal(draws.weights["b"], np.array([0.5, -0.5], np.float32))
    assert lockstep("run", trained, "--dtype", "both").exit_code == 0


def test_a_float64_run_starts_from_the_numbers_of_the_float32_run(trained: Path) -> None:
    chosen = find_scenario(f"{trained}:mine")
    ours, wider = (draw_arrays(chosen, dtype).weights["w"] for dtype in ("float32", "float64"))
    assert wider.dtype == np.float64
    np.testing.assert_array_equal(ours.astype(np.float64), wider)


def test_other_draws_are_not_changed_by_what_is_loaded(trained: Path) -> None:
    random = np.random.RandomState(1)
    draws = draw_arrays(find_scenario(f"{trained}:mine"), "float64")
    np.testing.assert_array_equal(draws.data["x"], random.randn(4, 3).astype(np.float32).astype(np.float64))
    np.testing.assert_array_equal(draws.data["y"], random.randn(4, 2).astype(np.float32).astype(np.float64))


def test_functions_load_weights_and_buffers() -> None:
    start = np.full((3, 2), 0.25)

    def load() -> Array:
        return start

    def mean() -> Array:
        return np.arange(2.0)

    @scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(load=load), mean=buffer(load=mean))
    def running(op: Any, x: Any, w: Any, mean: Any) -> Any:
        h = op.matmul(x, w)
        kept = op.multiply(op.reduce_mean(h, axis=0), mean)
        return op.reduce_mean(op.multiply(h, h)), {"mean": kept}

    result = run_scenario(running, load_backends([]))
    assert result.verdict == "agree"
    np.testing.assert_array_equal(start, np.full((3, 2), 0.25))
    np.testing.assert_array_equal(draw_arrays(running, "float32").buffers["mean"], np.array([0, 1], np.float32))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("trained.npz:l1/W", "traned.npz:l1/W", "there is no file {folder}/traned.npz; did you mean 'trained.npz'?"),
        ("trained.npz:l1/W", "trained.npz:l1/w", "trained.npz has no array 'l1/w'; did you mean 'l1/W'?"),
        ("trained.npz:l1/W", "trained.npz:conv", "trained.npz has no array 'conv'; there are l1/W, l1/N"),
        ("trained.npz:l1/W", "trained.npz:l1/N", "w can't be drawn: param(...) must load floats, not int64"),
        ("trained.npz:l1/W", "trained.npz", "param(...): load must be a function that returns the array"),
        ("trained.npz:l1/W", "mine.py", 'or a file: "weights.npy", "weights.npz:l1/W", not \'mine.py\''),
        ('load="trained.npz:l1/W"', '3, load="bias.npy"', "param(load=...) starts as the array that is loaded"),
        ('load="trained.npz:l1/W"', 'load="bias.npy", fill=0.0', "leave out fill"),
        ('param(load="trained.npz:l1/W")', "buffer(2)", "it must start as something; write buffer(4, fill=0.0)"),
        ('load="trained.npz:l1/W"', "load=lambda: np.full((3, 2), np.inf)", "w holds NaN or infinity"),
        ('load="trained.npz:l1/W"', "load=lambda: [1.0]", "param(...) must load a NumPy array, not list"),
        ('load="trained.npz:l1/W"', "load=lambda: np.ones((2, 2))", "op.linear(x, w, b) can't take"),
    ],
)
def test_what_cannot_be_loaded(old: str, new: str, said: str, trained: Path, lockstep: Lockstep) -> None:
    assert old in TRAINED
    trained.write_text(TRAINED.replace(old, new))
    check(lockstep("run", trained), WRONG_INPUT, said.format(folder=trained.parent))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x93NUMPY"])
@pytest.mark.parametrize("name", ["trained.npz", "bias.npy"])
def test_a_file_that_is_no_array(name: str, content: bytes, trained: Path, lockstep: Lockstep) -> None:
    trained.with_name(name).write_bytes(content)
    check(lockstep("run", trained), WRONG_INPUT, f"{name} can't be read as a {Path(name).suffix} file")


def test_objects_in_a_file_are_not_loaded(trained: Path, lockstep: Lockstep) -> None:
    np.save(trained.with_name("bias.npy"), np.array([{}, None], object), allow_pickle=True)
    check(lockstep("run", trained), WRONG_INPUT, "bias.npy can't be read as a .npy file: Object arrays")


def test_an_exported_program_has_its_weights_beside_it(trained: Path, lockstep: Lockstep, tmp_path: Path) -> None:
    from tests.reports.export.test_export import losses_of_run, printed_by, script_of

    chosen = find_scenario(f"{trained}:mine")
    expected = losses_of_run(chosen)
    for backend in expected:
        script = script_of(chosen, backend)
        assert printed_by(script.text(), script, tmp_path) == expected[backend]


def test_param_itself_says_what_it_takes() -> None:
    with pytest.raises(
        ScenarioError,
        match=r"param\(\.\.\.\): got an unexpected keyword argument 'lod'; did you mean 'load'\? Write it as",
    ):
        param(lod="weights.npy")  # type: ignore[call-arg]
