"""Every op on the sample inputs that PyTorch tests its own functions on, `op_db`: refused in words, or right.

Right is what PyTorch's function gives, and its gradients, in float64. What PyTorch refuses has to be refused.
"""

import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from backends import numpy_manual, torch_autograd, vocabulary
from backends.contract import Array
from backends.op_inputs import gradients_above, with_gradient
from harness.errors import InputError
from harness.recording.arguments import tensors_and_settings
from harness.recording.handles.handle import Handle
from tests.backends.computing import as_list, by_hand
from tests.backends.op_db import SOURCES, Called, Inexpressible, Source
from tests.backends.refusals import is_in_own_words

WITHOUT_SAMPLES = {
    *("maxout", "resize_nearest", "weight_norm", "swiglu"),
    *("rnn", "lstm", "gru_reset_before", "gru_reset_after", "multi_head_attention"),
    *("rotary_embedding", "grouped_query_attention", "lstm_layers", "gru_layers"),
}
"""The ops that `op_db` has no function like."""
LEAST = 3
"""How many samples an op must be right for, unless it is in RIGHT."""
RIGHT = {
    "negative": 1,
    "sqrt": 1,
    "sin": 1,
    "cos": 1,
    "absolute": 1,
    "tanh": 1,
    "prelu": 2,
    "deconv2d": 1,
    "avg_pool2d": 1,
    "max_pool2d": 100,
}
WRONG = {
    "reduce_mean": 2,
    "reduce_max": 5,
    "reshape": 16,
    "concatenate": 10,
    "clipped_relu": 1,
    "prelu": 3,
    "embedding": 2,
    "conv2d": 5,
    "depthwise_conv2d": 2,
    "max_pool2d": 5,
    "avg_pool2d": 2,
    "mean_absolute_error": 2,
    "huber": 3,
    "triplet": 8,
}
"""How many wrong inputs there are at least for the ops that `op_db` has any for."""


@pytest.fixture(scope="module")
def op_db() -> Mapping[tuple[str, str], Any]:
    """The entries by name and variant. Importing them reads the command line of the process."""
    arguments, sys.argv = sys.argv, sys.argv[:1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from torch.testing._internal.common_methods_invocations import op_db as entries
    finally:
        sys.argv = arguments
    return {(entry.name, entry.variant_test_name): entry for entry in entries}


def test_every_op_has_samples_or_is_known_to_have_none() -> None:
    names = {name for family in vocabulary.OPS.values() for name in family}
    assert SOURCES.keys() | WITHOUT_SAMPLES == names
    assert not SOURCES.keys() & WITHOUT_SAMPLES


def calls(op: str, op_db: Mapping[tuple[str, str], Any], *, wrong: bool) -> Iterator[tuple[Called | None, list[Array]]]:
    """The samples of an op, or the wrong ones, as calls of it with their arrays; None for what it can't express."""
    torch.manual_seed(0)
    for source in SOURCES[op]:
        entry = op_db[source.name, source.variant]
        if wrong:
            samples = [] if entry.error_inputs_func is None else [e.sample_input for e in entry.error_inputs("cpu")]
        else:
            samples = entry.sample_inputs("cpu", torch.float64, requires_grad=True)
        for sample in samples:
            try:
                call = source.translate(sample)
                yield call, call.arrays()
            except Inexpressible:
                yield None, []
            except (TypeError, ValueError, KeyError, IndexError, AttributeError):
                if not wrong:
                    raise


def outcomes(op: str, op_db: Mapping[tuple[str, str], Any], *, wrong: bool) -> Counter[str]:
    """How many samples an op refuses, for how many it is right, and how many no call of it can express.

    Raises AssertionError for a sample that is taken and gives something else.
    """
    counts: Counter[str] = Counter()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call, arrays in calls(op, op_db, wrong=wrong):
            if call is None:
                counts["inexpressible"] += 1
                continue
            try:
                counts["refused" if is_refused(op, call, arrays) else "right"] += 1
            except Exception as error:
                shapes = [array.shape for array in arrays]
                raise AssertionError(f"{op} of {shapes} with {dict(call.settings)}: {error}") from error
    return counts


def is_refused(op: str, call: Called, arrays: list[Array]) -> bool:
    """Whether an op refuses a sample; if it does not, it has to be right."""
    function, settings = getattr(numpy_manual, op), dict(call.settings)
    handles = tuple(Handle(f"x_{i}", array.shape) for i, array in enumerate(arrays))
    try:
        tensors_and_settings(op, function, handles, settings)
        result, _ = function(*arrays, **settings)
    except InputError:
        return True
    except Exception as error:
        if is_in_own_words(error):
            return True
        raise
    above = gradients_above(op, as_list(result), np.random.RandomState(0), "float64")
    has_gradient = with_gradient(op, arrays)
    ours = by_hand(lambda *inputs: function(*inputs, **settings), arrays, above, has_gradient)
    theirs = by_pytorch(op, call, arrays, above, has_gradient)
    assert len(ours) == len(theirs)
    for mine, right in zip(ours, theirs, strict=True):
        assert np.shape(mine) == right.shape
        scale = float(np.max(np.abs(right), initial=1.0, where=np.isfinite(right)))
        np.testing.assert_allclose(mine, right, rtol=0, atol=1e-11 * scale)
    return False


def by_pytorch(op: str, call: Called, arrays: list[Array], above: list[Array], has_gradient: list[bool]) -> list[Array]:
    """What PyTorch gives for a sample, and the gradients of the tensors that have one."""
    leaves = [torch.tensor(array, requires_grad=has) for array, has in zip(arrays, has_gradient, strict=True)]
    meant = call.meant or (lambda *tensors: getattr(torch_autograd, op)(*tensors, **call.settings))
    outputs = as_list(meant(*leaves))
    moving = [(output, grad) for output, grad in zip(outputs, above, strict=True) if output.requires_grad]
    gradients = torch.autograd.grad(
        [output for output, _ in moving],
        [leaf for leaf in leaves if leaf.requires_grad],
        [torch.tensor(grad) for _, grad in moving],
        allow_unused=True,
        materialize_grads=True,
    )
    return [output.detach().numpy() for output in outputs] + [gradient.numpy() for gradient in gradients]


@pytest.mark.slow
@pytest.mark.parametrize("op", SOURCES)
def test_an_op_refuses_a_sample_of_pytorchs_or_is_right(op: str, op_db: Mapping[tuple[str, str], Any]) -> None:
    counts = outcomes(op, op_db, wrong=False)
    print(f"{op}: {counts['right']} right, {counts['refused']} refused, {counts['inexpressible']} inexpressible")
    assert counts["right"] >= RIGHT.get(op, LEAST)


@pytest.mark.slow
@pytest.mark.parametrize("op", WRONG)
def test_an_op_refuses_what_pytorch_refuses(op: str, op_db: Mapping[tuple[str, str], Any]) -> None:
    """Or it is right, where the mistake lies in what the op has no setting for."""
    counts = outcomes(op, op_db, wrong=True)
    print(f"{op}: {counts['refused']} wrong inputs refused, {counts['right']} right")
    assert counts["refused"] + counts["right"] >= WRONG[op]


LEFT = 151
"""How many may be left that no op takes, of 3,352: because of a setting, or of inputs that ops are given otherwise.

46 came with the samples of cumsum, einsum, flip, gather, interpolate, logsumexp, repeat, rms_norm and tile: no copy at
all (15), a scale that is no size (12), several axes or none (8), tensors of shape () (6), ellipses and letters that
stand twice (3), ids of another rank than x (1), no elements (1).
"""
OUTCOMES = ("right", "refused", "inexpressible")
"""From the best to the worst."""


def outcome(op: str, source: Source, sample: Any) -> str:
    """What becomes of a sample in a call of an op, all of whose reductions are the sample's."""
    try:
        call = source.translate(sample)
        reduced = call.settings.get("reduction", "mean")
        if sample.kwargs.get("reduction", reduced) != reduced:
            return "inexpressible"
        return "refused" if is_refused(op, call, call.arrays()) else "right"
    except Inexpressible:
        return "inexpressible"


def best_outcomes(name: str, variant: str, op_db: Mapping[tuple[str, str], Any]) -> Iterator[str]:
    """What becomes of each sample of a function of PyTorch's in the op that takes it best."""
    uses = [(op, source) for op, sources in SOURCES.items() for source in sources]
    uses = [(op, source) for op, source in uses if (source.name, source.variant) == (name, variant)]
    torch.manual_seed(0)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in op_db[name, variant].sample_inputs("cpu", torch.float64, requires_grad=True):
            yield min((outcome(op, source, sample) for op, source in uses), key=OUTCOMES.index)


@pytest.mark.slow
def test_most_samples_of_pytorchs_are_taken(op_db: Mapping[tuple[str, str], Any]) -> None:
    """By one of the ops that have this function as a source; counts of all are printed."""
    counts: Counter[str] = Counter()
    for name, variant in sorted({(source.name, source.variant) for sources in SOURCES.values() for source in sources}):
        best = Counter(best_outcomes(name, variant, op_db))
        counts.update(best)
        print(f"{name} {variant}: {dict(best)}")
    left = counts["refused"] + counts["inexpressible"]
    print(f"{left} of {counts.total()} samples are not taken: {dict(counts)}")
    assert left <= LEFT
