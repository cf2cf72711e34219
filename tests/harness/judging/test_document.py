"""The result of an experiment says what its backends declare of themselves, and what they did to the process."""

from types import ModuleType

from harness.judging.document import Judgement, result_of
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.running.experiment import Experiment, prepare
from scenarios import Scenario
from tests.harness.judging.test_judgement import runs


def prepared(tiny: Scenario, certify: int | None, **attributes: object) -> Experiment:
    """The hand-written backend against two copies, of which the first has these attributes."""
    numpy = load_backend("numpy")
    mine = ModuleType("mine")
    mine.__dict__.update({**vars(numpy.module), **attributes})
    backends = [numpy, LoadedBackend("mine", mine), LoadedBackend("other", numpy.module)]
    return prepare(tiny, backends, "float32", certify=certify)


def result(experiment: Experiment) -> Result:
    return result_of(experiment, runs(), {}, Judgement("agree", "first"))


def test_what_a_backend_declares_less_accurate_is_said_where_there_are_certificates(tiny: Scenario) -> None:
    notes = result(prepared(tiny, 1, ACCURACY={"exp": 64})).notes
    assert notes[0] == "first"
    assert notes[1].startswith("mine declares its exp accurate to 64 units (")
    assert not any("declares" in note for note in result(prepared(tiny, None, ACCURACY={"exp": 64})).notes)
    assert not any("declares" in note for note in result(prepared(tiny, 1)).notes)


def test_what_a_backend_changed_for_the_process_is_said(tiny: Scenario) -> None:
    experiment = prepared(tiny, 1)
    before = result(experiment).notes
    experiment.backends[1].guest.changes += ["set one thing", "set another"]
    assert result(experiment).notes == [
        *before,
        "mine set one thing; everything else ran without that",
        "mine set another; everything else ran without that",
    ]
