"""What is left of an experiment: its verdict with what led to it, as the result document has it."""

from collections.abc import Mapping, Sequence

from harness.certifying.certificate import Certificate
from harness.judging.findings import cancellation_notes, overwriting_notes
from harness.judging.held_out import held_out_accuracy
from harness.judging.unused import never_called
from harness.numerics.accuracy import about_accuracy
from harness.results import Explanation, Flip, Mismatch, Result, Ruling, Verdict, number
from harness.running.experiment import Experiment
from harness.running.trajectories import Trajectories


class Judgement:
    """A verdict with what led to it."""

    def __init__(
        self,
        verdict: Verdict,
        *notes: str,
        culprits: Sequence[Mismatch] = (),
        explanations: Sequence[Explanation] = (),
        rulings: Sequence[Ruling | None] = (),
        flip: Flip | None = None,
    ) -> None:
        self.verdict = verdict
        self.notes = notes
        self.culprits = culprits
        self.explanations = explanations
        """Of each culprit whose certificate failed, in the same order."""
        self.rulings = rulings
        """On each culprit whose certificate failed, in the same order; None if it is no gradient."""
        self.flip = flip


def result_of(
    experiment: Experiment, runs: Trajectories, certificates: Mapping[str, Certificate], judgement: Judgement
) -> Result:
    """The result document of an experiment."""
    scenario, certified = experiment.scenario, certificates.values()
    return Result(
        scenario=scenario.name,
        dtype=experiment.dtype,
        seed=scenario.seed,
        epochs=scenario.epochs,
        batch_size=scenario.batch_size,
        optimizer=scenario.optimizer.name,
        settings=dict(scenario.settings),
        groups=[list(group.weights) for group in scenario.groups],
        reference=experiment.backends[0].name,
        backends=[backend.name for backend in experiment.backends],
        verdict=judgement.verdict,
        as_is=experiment.as_is,
        normalised=list(experiment.normalised),
        threads=experiment.threads,
        losses={name: [number(loss) for loss in losses] for name, losses in runs.losses.items()},
        seconds=runs.seconds,
        accuracy=held_out_accuracy(experiment, runs),
        averaged=any(runs.final_averages.values()),
        worst=[worst for deviations in runs.deviations for worst in deviations.worst.values()],
        first=runs.first,
        horizon=runs.horizon,
        flip=judgement.flip,
        updates=experiment.updates,
        certified={name: certificate.counts for name, certificate in certificates.items()},
        sharpness=[sharpness for certificate in certified for sharpness in certificate.sharpness.values()],
        formulas=[formula for certificate in certified for formula in certificate.formulas.values()],
        suspects=[suspect for certificate in certified for suspect in certificate.suspects.values()],
        culprits=list(judgement.culprits),
        explanations=list(judgement.explanations),
        rulings=list(judgement.rulings),
        notes=[
            *judgement.notes,
            *_declared(experiment),
            *_about_certificates(experiment, runs, certificates),
            *never_called(experiment),
            *_put_back(experiment),
        ],
    )


def _declared(experiment: Experiment) -> list[str]:
    """Which backends are certified with functions that they declare less accurate."""
    if experiment.certify is None:
        return []
    said = [about_accuracy(backend, experiment.dtype) for backend in experiment.backends]
    return [sentence for sentence in said if sentence]


def _about_certificates(
    experiment: Experiment, runs: Trajectories, certificates: Mapping[str, Certificate]
) -> list[str]:
    """Which backends and ops are certified in part or not at all, and which ops work in place."""
    if experiment.certify is None:
        return []
    refused = {op: why for certificate in certificates.values() for op, why in certificate.refused.items()}
    return [
        *(
            f"{name} yields no values with trace=True: bounds through the whole network hold its loss and gradients"
            for name in runs.untraced
        ),
        *(f"{op} is not certified: {why}" for op, why in refused.items()),
        *cancellation_notes(certificates, experiment.program),
        *overwriting_notes(certificates),
    ]


def _put_back(experiment: Experiment) -> list[str]:
    """What backends changed for the whole process, and did not get."""
    return [
        f"{backend.name} {change}; everything else ran without that"
        for backend in experiment.backends
        for change in backend.guest.changes
    ]
