"""What each backend does alone before a run: a first update, and some that are timed."""

from harness.running.experiment import Experiment
from harness.running.runner import Runner

TIMED = 20
"""How many updates, at most, are timed."""


def warm_up(experiment: Experiment) -> None:
    """Make one update with every backend, so that loading a framework on first use is not timed as training."""
    for backend in experiment.backends:
        Runner(backend, experiment.program, experiment.draws, 1, experiment.dtype).advance()


def seconds_alone(experiment: Experiment, *, trace: bool) -> dict[str, float]:
    """How long each backend takes for a run with nothing beside it, going by its first updates, which are made here."""
    updates = min(TIMED, experiment.updates)
    seconds = {}
    for backend in experiment.backends:
        arguments = experiment.program, experiment.draws, experiment.epochs, experiment.dtype
        runner = Runner(backend, *arguments, trace=trace)
        for _ in range(updates):
            runner.advance()
        seconds[backend.name] = runner.seconds / updates * experiment.updates
    return seconds
