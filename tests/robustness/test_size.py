"""Long programs, long runs and large files: time and memory grow with them, and not faster."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest

from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import load_backends
from harness.run import run_experiment, run_scenario
from harness.running.experiment import prepare
from harness.studies.growth import of_calls
from scenarios import Scenario
from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved

BACKENDS = ("numpy", "chainer", "torch")
CALLS_PER_STEP = 3
MOST_OF_A_DOUBLING = 2.6
"""How many times as long twice the work may take; what is quadratic takes four times as long."""
ROUNDS = 3
MANY_EPOCHS = 9_000_000
"""So many losses of three backends make a document of 540 MB."""


def written_out(calls: int, folder: Path) -> Scenario:
    """The network of `of_calls` with every step in lines of its own, in a file."""
    steps = (calls - 1) // CALLS_PER_STEP
    lines = [
        "from scenarios import param, randn, scenario, sgd",
        "@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.01), x=randn(4, 8), y=randn(4, 8), w=param(8, 8, scale=1e-4))",
        "def network(op, x, y, w):",
        "    h_0 = x",
    ]
    for i in range(steps):
        lines += [
            f"    m_{i} = op.matmul(h_{i}, w)",
            f"    t_{i} = op.tanh(m_{i})",
            f"    h_{i + 1} = op.add(h_{i}, t_{i})",
        ]
    path = folder / f"network_{calls}.py"
    path.write_text("\n".join([*lines, f"    return op.mean_squared_error(h_{steps}, y)", ""]))
    (found,) = find_scenarios([str(path)])
    return found


def least_cpu_seconds(
    networks: Sequence[Scenario], work: Callable[[Scenario], object], count: int = ROUNDS
) -> list[float]:
    """The least CPU time of each network in a few rounds; both stand in each round, so that noise meets both."""
    rounds = [[cpu_seconds(partial(work, network)) for network in networks] for _ in range(count)]
    return [min(seconds) for seconds in zip(*rounds, strict=True)]


def cpu_seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.slow
def test_ten_thousand_calls_are_certified() -> None:
    result = run_scenario(of_calls(10_000), load_backends(BACKENDS), dtype="float64")
    assert result.verdict == "agree", result.notes
    for counts in result.certified.values():
        # Every call but the first has a value, a gradient, or both of two inputs; the loss is yielded twice.
        assert counts["checks"] > 2 * 9_999
        assert (counts["updates"], counts["failed"], counts["unchecked"]) == (1, 0, 0)


@pytest.mark.timing
@pytest.mark.parametrize("certify", [None, 1], ids=["compared", "certified"])
def test_time_grows_with_the_calls(certify: int | None) -> None:
    backends = load_backends(BACKENDS)
    run_experiment(prepare(of_calls(100), backends, "float64", certify=certify))  # what is imported on first use is
    networks = [of_calls(calls) for calls in (1_250, 2_500)]
    seconds = least_cpu_seconds(
        networks, lambda network: run_experiment(prepare(network, backends, "float64", certify=certify))
    )
    assert seconds[1] < MOST_OF_A_DOUBLING * seconds[0], seconds


@pytest.mark.timing
def test_time_grows_with_the_lines_of_a_scenario(tmp_path: Path) -> None:
    backends = load_backends(("numpy", "torch"))
    prepare(written_out(100, tmp_path), backends)
    networks = [written_out(calls, tmp_path) for calls in (1_250, 2_500)]
    # A round takes half a second only, so that noise may last for several.
    seconds = least_cpu_seconds(networks, lambda network: prepare(network, backends), 5 * ROUNDS)
    assert seconds[1] < MOST_OF_A_DOUBLING * seconds[0], seconds


BYTES_PER_EPOCH = 3 * (8 + 24 + 8)
"""What may be kept of each: the losses of three backends, in an array, and as Python's numbers in a list."""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_epochs() -> None:
    backends = load_backends(BACKENDS)
    tiny = built_in_scenarios()["two_layer_tiny"]

    def collect(epoch: int) -> None:
        gc.collect()

    def peak(epochs: int) -> int:
        gc.collect()
        tracemalloc.start()
        # Python keeps memory that nobody has any more, such as that of tuples, until it collects.
        run_scenario(tiny.vary(epochs=epochs), backends, progress=collect)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)  # what is imported on first use stays
    few, many = peak(100), peak(400)
    per_epoch = (many - few) / 300
    assert per_epoch < BYTES_PER_EPOCH, (few, many)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["table", "explain"])
def test_a_file_of_540_megabytes_is_read(command: str, lockstep: Lockstep, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    document = saved.decoded()
    result = document["results"][0]
    losses = dict.fromkeys(result["losses"], [0.12345678901234567] * MANY_EPOCHS)
    document["results"] = [result | {"epochs": MANY_EPOCHS, "updates": MANY_EPOCHS, "losses": losses}]
    path.write_bytes(saved.encoded(document))
    assert path.stat().st_size > 540e6
    decoding = cpu_seconds(lambda: msgspec.json.decode(path.read_bytes()))
    began = time.process_time()
    answer = lockstep(command, path)
    taken = time.process_time() - began
    path.unlink()
    assert answer.exit_code == 0, answer.stderr
    assert f"{MANY_EPOCHS:,} epochs" in answer.stdout
    assert taken < 4 * decoding, (taken, decoding)
