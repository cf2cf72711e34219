"""A lockstep run costs little more than the training that it compares; `lockstep bench` has the exact figures."""

import pytest
import threadpoolctl
import torch

from backends.peers.bare_loops import BARE_LOOPS
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backends
from harness.running.process import pinned
from harness.studies.bench import CERTIFIED_RUN, PLAIN_RUN, bench_time

WORST_RATIO = 3.0
TRIES = 3


@pytest.mark.timing
def test_lockstep_stays_under_three_times_the_bare_loops() -> None:
    """The best of a few tries, since other work on the machine can only make it slower."""
    scenario = built_in_scenarios()["two_layer"].vary(epochs=60)
    ratios = []
    for _ in range(TRIES):
        timings = {timing.what: timing for timing in bench_time(scenario, 1, 1, lambda _: None)}
        assert set(timings) == {
            *(f"bare {name} loop" for name in ("numpy", "chainer", "torch")),
            *(f"{name} alone" for name in ("numpy", "chainer", "torch")),
            PLAIN_RUN,
            CERTIFIED_RUN,
        }
        ratio = timings[PLAIN_RUN].ratio
        assert ratio is not None
        ratios.append(ratio)
        if ratio < WORST_RATIO:
            return
    raise AssertionError(f"lockstep took {ratios} times the three bare loops")


def test_thread_pools_are_pinned_for_the_run_and_restored() -> None:
    def pools() -> set[int]:
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()} | {torch.get_num_threads()}

    backends = load_backends([])
    before = pools()
    with pinned(backends, 1):
        assert pools() == {1}
    assert pools() == before
    with pinned(backends, 2):
        assert torch.get_num_threads() == 2


def test_the_bare_loops_train_the_same_network() -> None:
    """What is timed against is the same work: the same losses, but for rounding."""
    scenario = built_in_scenarios()["two_layer_tiny"]
    draws = draw_arrays(scenario, "float64")
    losses = [loop(**draws.data, **draws.weights, lr=1e-4, epochs=300) for loop in BARE_LOOPS.values()]
    assert float(losses[0][-1]) == pytest.approx(1.09486, abs=1e-5)
    for own in losses[1:]:
        assert [float(loss) for loss in own] == pytest.approx([float(loss) for loss in losses[0]], rel=1e-13)
