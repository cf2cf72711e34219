"""The tables of what the frameworks' ops and rules do otherwise than the frameworks: complete, true, and no more."""

import ast
import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from backends import chainer_autograd, torch_autograd
from backends.contract import Array
from backends.differences import DIFFERENCES
from backends.normalisation import Normalisation
from backends.op_inputs import inputs_of
from backends.vocabulary import KINDS
from harness.recording.loading import load_backend
from reports.source.source import read_backend
from scenarios import Optimizer, adadelta, adagrad
from tests.backends.computing import BY_FRAMEWORK, as_list

FRAMEWORKS = {"chainer": chainer_autograd, "torch": torch_autograd}
AS_USERS_WRITE_IT = {
    "chainer": {
        "linear",  # all axes but the last as rows
        *("sgd", "nesterov_ag", "adadelta", "rmsprop_graves", "smorms3"),  # made, and set up with the model
        *("adabound", "amsbound", "msvag"),  # the same where no group has a rate or a beta of its own
        *("weight_decay", "clip_by_norm", "clip_by_value"),  # hooks, made and added or called
        *("step_decay", "exponential_decay", "warm_up"),  # extensions, made for the attribute that holds the rate
        *("slice_axis", "rnn", "gru_reset_after"),  # operators and functions of Chainer put together
        "weighted_softmax_cross_entropy",  # the weights in the run's dtype
        *("mean_squared_error", "mean_absolute_error", "triplet"),  # one call for each reduction
        *("sigmoid_cross_entropy", "masked_sigmoid_cross_entropy"),  # the same, and −1 for the label that is ignored
        "tile",  # a tuple of a list
        "logsumexp",  # axes that stay, of length 1
        "einsum",  # of one tensor or of two
        "layer_norm",  # the rows as a matrix
        *("fixed_batch_norm", "group_norm"),  # a gain of ones and a bias of zeros, where there are none
        *("deconv2d", "deconv1d"),  # the size that an output padding makes
        *("depthwise_conv2d", "lstm"),  # the weights laid out in Chainer's order
        *("lstm_layers", "gru_layers"),  # the same, and sequences without their padding
        "ctc",  # labels of 32 bits, and a sum of its own
    },
    "torch": {
        "slice_axis",  # a slice of one axis
        *("sigmoid_cross_entropy", "masked_sigmoid_cross_entropy"),  # the targets in the run's dtype
        *("cross_entropy", "negative_log_likelihood"),  # the weights in the run's dtype
        *("binary_cross_entropy_with_logits", "binary_cross_entropy"),  # the targets and weights in the run's dtype
        "scaled_dot_product_attention",  # a mask of integers as one of booleans
        *("multi_head_attention", "grouped_query_attention"),  # functions of PyTorch put together
        *("lstm_layers", "gru_layers"),  # sequences that are packed, and the weights in PyTorch's order
        "einsum",  # of one tensor or of two
        "layer_norm",  # the shape of a row
        "instance_norm",  # a gradient from above that is put in order
        "weight_norm",  # a g with as many axes as v
        "fixed_batch_norm",  # statistics that get no gradient
        "warm_up",  # at least 1 of total_iters
        "weight_average",  # made, and called
        "pad",  # the widths in PyTorch's order
        *("batch_norm", "lstm"),  # a copy of what is written in place, and of what is used twice
    },
}
"""What is more than one call, and still means what the framework's users get."""


def entries(*kinds: str) -> list[Any]:
    """The entries of both tables that are of these kinds and have a framework's own function."""
    return [
        pytest.param(framework, entry, id=f"{framework} {entry.function.__name__}")
        for framework, module in FRAMEWORKS.items()
        for entry in module.NORMALISATIONS
        if entry.as_it_comes is not None and KINDS[entry.function.__name__] in kinds
    ]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_table_has_functions_of_the_backend_in_the_order_of_the_vocabulary(framework: str) -> None:
    table: tuple[Normalisation, ...] = FRAMEWORKS[framework].NORMALISATIONS
    names = [entry.function.__name__ for entry in table]
    assert [getattr(FRAMEWORKS[framework], name) for name in names] == [entry.function for entry in table]
    assert names == [name for name in KINDS if name in names]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_function_that_is_more_than_one_call_is_in_the_table_or_means_the_same(framework: str) -> None:
    source = read_backend(FRAMEWORKS[framework].__name__)
    listed = {entry.function.__name__ for entry in FRAMEWORKS[framework].NORMALISATIONS}
    composed = {name for name in source.names if _is_more_than_one_call(source.definition(name))}
    assert composed - listed == AS_USERS_WRITE_IT[framework]


def _is_more_than_one_call(function: ast.FunctionDef) -> bool:
    _docstring, *body = function.body
    calls = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return len(body) > 1 or len(calls) > 1


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_entry_names_entries_of_the_differences(framework: str) -> None:
    known = {difference.name for difference in DIFFERENCES}
    for entry in FRAMEWORKS[framework].NORMALISATIONS:
        assert set(entry.differences) <= known, entry.function.__name__


@pytest.mark.parametrize(
    ("framework", "entry"), entries("op", "optimizer", "decay", "clipping", "schedule"), ids=lambda value: ""
)
def test_a_frameworks_own_function_is_named_for_it_and_has_its_parameters(framework: str, entry: Normalisation) -> None:
    assert entry.as_it_comes is not None
    assert entry.as_it_comes.__name__ == f"{entry.function.__name__}_as_it_comes"
    assert list(inspect.signature(entry.as_it_comes).parameters) == list(inspect.signature(entry.function).parameters)


@pytest.mark.parametrize(("framework", "entry"), entries("op"))
def test_an_op_as_it_comes_is_another_function(framework: str, entry: Normalisation) -> None:
    op = entry.function.__name__
    ops = with_its_own_functions(framework)
    parted = []
    for seed in range(5):  # of an array of one element, a mean is the sum
        inputs, settings = telling_inputs(op, np.random.RandomState(seed))
        assert entry.matters(settings, [np.shape(array) for array in inputs])
        normalised = values_and_gradients(framework, op, inputs, settings, FRAMEWORKS[framework])
        own = values_and_gradients(framework, op, inputs, settings, ops)
        parted.append(not same(normalised, own))
    assert any(parted)


def with_its_own_functions(framework: str) -> ModuleType:
    """A framework's backend with the framework's own function for every entry of the table."""
    own = ModuleType(framework)
    vars(own).update(vars(FRAMEWORKS[framework]))
    vars(own).update({e.function.__name__: e.as_it_comes for e in own.NORMALISATIONS if e.as_it_comes is not None})
    return own


def values_and_gradients(
    framework: str, op: str, inputs: list[Any], settings: dict[str, Any], ops: ModuleType
) -> list[Array]:
    """The outputs of an op and its gradients, twice, with the same gradients of its outputs: they are others' as well.

    Nothing if the framework's output has another shape than the hand-written one.
    """
    hand_written = getattr(load_backend("numpy").module, op)
    outputs = as_list(hand_written(*inputs, **settings)[0])
    random = np.random.RandomState(1)
    above = [np.asarray(random.standard_normal(np.shape(output))) for output in outputs]
    if op.startswith("max_pool") and as_list(getattr(ops, op)(*inputs, **settings))[0].shape != np.shape(outputs[0]):
        return []
    first = BY_FRAMEWORK[framework](op, inputs, settings, above, ops)
    return first + BY_FRAMEWORK[framework](op, inputs, settings, above, ops)


def same(some: list[Array], others: list[Array]) -> bool:
    """Whether two lists of arrays hold the same numbers, but for rounding in float64."""
    return len(some) == len(others) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-12, atol=1e-12)
        for a, b in zip(some, others, strict=True)
    )


def telling_inputs(op: str, random: np.random.RandomState) -> tuple[list[Any], dict[str, Any]]:
    """Inputs on which the two functions of an op part: random ones, or ties and the like; reduced as they come."""
    match op:
        case "maximum" | "minimum":
            return [np.array([[1.0, 2.0, 2.0], [3.0, 0.0, 1.0]]), np.array([1.0, 2.0, 1.0])], {}
        case "reduce_max":
            return [np.array([[1.0, 2.0, 2.0], [3.0, 0.0, 1.0]])], {"axis": 1}
        case "reduce_min":
            return [np.array([[1.0, 0.0, 0.0], [3.0, 0.0, 1.0]])], {"axis": 1}
        case "reduce_var":
            return [random.standard_normal((3, 4))], {"axis": 1}
        case "maxout":
            return [np.array([[1.0, 1.0, 2.0, 0.0], [0.0, 3.0, 1.0, 2.0]])], {"pieces": 2}
        case "softmax" | "log_softmax":
            return [random.standard_normal((2, 3, 4))], {}
        case "softplus":
            return [np.array([[20.5, 1.0]])], {}
        case "prelu":
            return [np.array([[0.0, -1.0], [2.0, 0.0]]), np.array([0.25, 0.5])], {}
        case "max_pool2d":
            return [random.standard_normal((2, 1, 5, 5))], {"window": 2, "stride": 2}
        case "max_pool1d":
            return [random.standard_normal((2, 1, 5))], {"window": 2, "stride": 2}
        case "batch_norm":
            return [random.standard_normal((4, 3)), *(random.uniform(0.5, 2, 3) for _ in range(4))], {"eps": 1e-3}
        case "cosine_distance":
            return [0.1 * random.standard_normal((3, 4)), random.standard_normal((3, 4))], {"eps": 1.0}
    inputs, settings = inputs_of(op, random)
    return inputs, {name: value for name, value in settings.items() if name != "reduction"}


def test_a_batch_normalisation_without_running_statistics_is_not_changed() -> None:
    table: tuple[Normalisation, ...] = FRAMEWORKS["chainer"].NORMALISATIONS
    (entry,) = [entry for entry in table if entry.function.__name__ == "batch_norm"]
    assert not entry.matters({"eps": 1e-3}, [(4, 3), (3,), (3,)])


@pytest.mark.parametrize("op", ["softmax", "log_softmax", "max_pool2d"])
def test_a_call_that_the_entry_says_it_does_not_change_is_the_same_function(op: str) -> None:
    (entry,) = [entry for entry in FRAMEWORKS["chainer"].NORMALISATIONS if entry.function.__name__ == op]
    ops = with_its_own_functions("chainer")
    random = np.random.RandomState(0)
    calls: list[tuple[Array, dict[str, Any]]] = [(random.standard_normal((3, 4)), {})]
    if op == "max_pool2d":
        image = random.standard_normal((2, 1, 5, 5))
        calls = [
            (image, {"window": 3, "stride": 2}),
            (image, {"window": 3, "stride": 2, "pad": 1}),
            (image, {"window": 2, "stride": 2, "cover_all": False}),
            (image, {"window": 2, "stride": 2, "cover_all": True}),
        ]
    for x, settings in calls:
        assert not entry.matters(settings, [x.shape])
        normalised = values_and_gradients("chainer", op, [x], settings, chainer_autograd)
        assert normalised
        assert same(normalised, values_and_gradients("chainer", op, [x], settings, ops))


@pytest.mark.parametrize(
    ("rule", "optimizer", "left"),
    [(adagrad(lr=0.1), torch.optim.Adagrad, "eps"), (adadelta(), torch.optim.Adadelta, "rho")],
    ids=["adagrad", "adadelta"],
)
def test_a_rule_as_it_comes_has_pytorchs_default_for_what_is_not_given(
    rule: Optimizer, optimizer: type[torch.optim.Optimizer], left: str
) -> None:
    (entry,) = [entry for entry in FRAMEWORKS["torch"].NORMALISATIONS if entry.function.__name__ == rule.name]
    assert entry.matters({name: rule.settings[name] for name in rule.given or ()}, [])
    assert not entry.matters(rule.settings, [])
    assert entry.as_it_comes is not None
    parameters = [torch.zeros(2, dtype=torch.float64, requires_grad=True)]
    own = entry.as_it_comes(parameters, **rule.settings).param_groups[0][left]
    assert own == optimizer(parameters).param_groups[0][left]  # type: ignore[call-arg]
    assert own != rule.settings[left]
