"""How to call every op of the vocabulary, family by family: which tensors it takes, and settings of every kind.

A maker adds one call or more to a draft. Of what it chooses, the plainest comes first, and it may choose what does not
fit: then the draft takes the call back.

`backends/op_inputs` also has inputs for every op, for calls of one op alone. Those are arrays with numbers, away from
kinks; here a call takes the tensors that a program has already, whatever they hold, and its choices must shrink.
"""

from harness.fuzzing.calls import (
    activations,
    arithmetic,
    attention,
    convolution,
    gates,
    indexing,
    label_losses,
    layers,
    losses,
    manipulation,
    normalisation,
    pooling,
    positions,
    recurrent,
    recurrent_layers,
    reductions,
    resizing,
    scaling,
    sequence_losses,
    sums,
)
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **arithmetic.MAKERS,
    **sums.MAKERS,
    **reductions.MAKERS,
    **manipulation.MAKERS,
    **indexing.MAKERS,
    **activations.MAKERS,
    **gates.MAKERS,
    **layers.MAKERS,
    **convolution.MAKERS,
    **pooling.MAKERS,
    **resizing.MAKERS,
    **normalisation.MAKERS,
    **scaling.MAKERS,
    **recurrent.MAKERS,
    **recurrent_layers.MAKERS,
    **positions.MAKERS,
    **attention.MAKERS,
    **losses.MAKERS,
    **label_losses.MAKERS,
    **sequence_losses.MAKERS,
}
"""What adds a call of each op."""
__all__ = ["MAKERS", "Maker"]
