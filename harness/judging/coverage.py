"""What a run did not test, so that an agreement would prove nothing there."""

from collections.abc import Mapping

import numpy as np

from harness.certifying.certificate import Certificate
from harness.certifying.certifier import SIDES
from harness.running.experiment import Experiment
from harness.running.trajectories import Trajectories


def untested(experiment: Experiment, runs: Trajectories, certificates: Mapping[str, Certificate]) -> list[str]:
    """Units and gradients that the reference never exercised. A scenario may declare that it accepts these."""
    reasons = [f"{_why_dead(name, experiment)}, so nothing tested it" for name in runs.dead_gradients]
    reference = certificates.get(experiment.backends[0].name, Certificate())
    for (call, kink), seen in reference.sides.items():
        unseen = [side for side in SIDES if side not in seen]
        reasons += [
            f"no input of {call} was ever {side} its kink at {kink:g}, so nothing tested that" for side in unseen
        ]
    for name in sorted(reference.without_gradient):
        reasons.append(f"the gradient of {name} is zero at every update, so nothing tested it")
    return reasons


def _why_dead(weight: str, experiment: Experiment) -> str:
    first = experiment.program.trained_later.get(weight, 1)
    if first > experiment.epochs:
        return f"{weight} is frozen in every epoch of this run (trained_from={first})"
    return f"the gradient of {weight} is zero at every epoch"


def nothing_tested(experiment: Experiment, runs: Trajectories, certificates: Mapping[str, Certificate]) -> list[str]:
    """Reasons why an agreement of the whole run would prove nothing; empty if there are none."""
    reference = experiment.backends[0].name
    losses = runs.losses[reference]
    reasons = []
    if not np.isfinite(losses).all():
        epoch = int(np.argmin(np.isfinite(losses))) + 1
        when = f"at epoch {epoch}" if np.isfinite(losses[epoch:]).any() else f"from epoch {epoch} on"
        pole = certificates[reference].pole if reference in certificates else None
        why = "a smaller learning rate may help" if pole is None else pole.text
        reasons.append(f"the loss is {losses[epoch - 1]} {when}; {why}")
    elif len(losses) > 1 and losses.min() == losses.max():
        reasons.append(f"the loss never moved: it is {losses[0]:.9g} at every epoch")
    weights = runs.final_weights[reference]
    broken = [name for name, array in weights.items() if not np.isfinite(array).all()]
    if broken and np.isfinite(losses).all():
        reasons.append(f"NaN or infinity in {', '.join(broken)} at the end")
    for backend, certificate in certificates.items():
        if certificate.checks == certificate.unchecked > 0:
            reasons.append(f"no check of {backend} could say anything: every bound is as wide as the values")
    return reasons


def untested_loss(runs: Trajectories) -> list[str]:
    """From when on the agreement of the loss says nothing."""
    if runs.loss_untested_from is None:
        return []
    return [
        f"from epoch {runs.loss_untested_from} on, rounding alone may change the loss by as much as its size: "
        "its agreement says nothing there, that of the weights does"
    ]
