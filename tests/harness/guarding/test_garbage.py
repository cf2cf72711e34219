"""Garbage is looked for between updates, not in them."""

import gc

from backends.contract import Step
from harness.guarding.garbage import collection_postponed
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from scenarios import Scenario
from tests.harness.broken import each_step, with_changes


def test_garbage_may_be_collected_after_an_update_and_not_in_one(tiny: Scenario) -> None:
    during: list[bool] = []
    after: list[bool] = []

    def noting(step: Step) -> Step:
        during.append(gc.isenabled())
        return step

    backends = [load_backend("numpy"), LoadedBackend("noting", with_changes(train=each_step(noting)))]
    result = run_scenario(tiny, backends, progress=lambda _: after.append(gc.isenabled()))
    assert result.verdict == "agree"
    assert set(during) == {False}
    assert set(after) == {True}


def test_where_collection_is_off_it_stays_off() -> None:
    gc.disable()
    try:
        with collection_postponed():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
