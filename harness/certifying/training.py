"""Trains all backends in lockstep and certifies their updates as they go."""

from harness.certifying.certificate import Certificate
from harness.certifying.certifier import Certifier
from harness.certifying.widened import Widened
from harness.recording.loading import LoadedBackend
from harness.running.experiment import Experiment
from harness.running.lockstep import Progress, train_in_lockstep
from harness.running.trajectories import Observers, Trajectories


def train_and_certify(
    experiment: Experiment, progress: Progress | None = None
) -> tuple[Trajectories, dict[str, Certificate]]:
    """Train every backend and certify as the experiment says."""
    if experiment.certify is None:
        return train_in_lockstep(experiment, progress), {}

    def certifiers() -> Observers:
        widened = Widened()
        return Observers({backend.name: _certifier(backend, experiment, widened) for backend in experiment.backends})

    trajectories = train_in_lockstep(experiment, progress, observers=certifiers)
    return trajectories, dict(trajectories.seen)


def _certifier(backend: LoadedBackend, experiment: Experiment, widened: Widened) -> Certifier:
    return Certifier(
        backend,
        experiment.program,
        experiment.dtype,
        experiment.find_op,
        experiment.kinks,
        widened,
        every=experiment.certify or 1,
        updates_per_epoch=len(experiment.draws.batch_rows),
        last=experiment.updates,
    )
