"""How to call every op of the vocabulary, family by family: which tensors it takes, and settings of every kind.

A maker adds one call or more to a draft. Of what it chooses, the plainest comes first, and it may choose what does not
fit: then the draft takes the call back.

`backends/op_inputs` also has inputs for every op, for calls of one op alone. Those are arrays with numbers, away from
kinks; here a call takes the tensors that a program has already, whatever they hold, and its choices must shrink.
"""

from harness.fuzzing.calls import activations, arithmetic, arrays, detaching, layers, losses
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **arithmetic.MAKERS,
    **arrays.MAKERS,
    **activations.MAKERS,
    **layers.MAKERS,
    **losses.MAKERS,
    **detaching.MAKERS,
}
"""What adds a call of each op."""
__all__ = ["MAKERS", "Maker"]
