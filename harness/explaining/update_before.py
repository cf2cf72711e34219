"""Whether a wrong tensor is explained by the update before: gradients not cleared, or weights that are out of date."""

import numpy as np

from backends.contract import Array
from harness.certifying.certificate import Failure
from harness.explaining.observation import Observation


def cause_in_the_update_before(failure: Failure, dtype: str) -> str:
    """The cause, in the words of reports; empty if the update before explains nothing."""
    earlier, node, want = failure.earlier, failure.node, failure.want
    now, before = failure.mismatch.update, failure.mismatch.update - 1
    if earlier is None or not failure.uses:
        return ""
    observation = Observation(failure.got, want, failure.allowed, dtype)
    predictions: dict[str, Array] = {}
    if node.kind == "gradient" and node.of in earlier.grads:
        gradient = earlier.grads[node.of].astype(np.float64)
        both = f"it is the gradient of update {before} plus that of update {now}: gradients are added up, not cleared"
        predictions[both] = want + gradient
        if not gradient.any():
            predictions[f"it is 0, as it was at update {before}"] = gradient
        predictions[f"it is still the gradient of update {before}"] = gradient
    if failure.with_earlier_weights is not None:
        stale = f"it is computed from the weights before update {before}: they are out of date"
        predictions[stale] = failure.with_earlier_weights
    with np.errstate(all="ignore"):
        return next((cause for cause, array in predictions.items() if observation.is_explained_by(array)), "")
