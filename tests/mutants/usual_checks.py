"""What people check with instead: tolerances on the final weights, and numerical gradients of single ops."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np
import torch

from backends.chainer_compatibility import import_chainer
from backends.contract import Array, Call
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from harness.running.runner import Runner
from harness.studies.mutants import Mutant, RandomRun, UsualCheck
from scenarios import Scenario
from tests.backends.op_inputs import DETACHED
from tests.backends.op_inputs.kinds import Detached

chainer = import_chainer()

Weights = dict[str, Array]
Op = Callable[[Sequence[Array]], tuple[Array, Callable[[Array], list[Array | None]]]]
"""An op of any framework: its output, and a function from the output's gradient to one per input."""


def final_weights(scenario: Scenario, dtype: str, backend: LoadedBackend) -> Weights | None:
    """Train on one's own; None where the backend does not get to the end."""
    try:
        experiment = prepare(scenario, [load_backend("numpy"), backend], dtype)
        runner = Runner(backend, experiment.program, experiment.draws, scenario.epochs, dtype)
        steps = [runner.advance() for _ in range(scenario.epochs * len(experiment.draws.batch_rows))]
    except Exception:
        return None
    return {name: np.array(array) for name, array in steps[-1].weights.items()}


def np_allclose(ours: Weights, theirs: Weights) -> bool:
    """np.allclose with its defaults, for every weight."""
    return all(np.allclose(theirs[name], ours[name]) for name in ours)


def torch_assert_close(ours: Weights, theirs: Weights) -> bool:
    """torch.testing.assert_close with its defaults for the dtype, for every weight."""
    try:
        for name in ours:
            torch.testing.assert_close(torch.from_numpy(theirs[name]), torch.from_numpy(ours[name]))
    except AssertionError:
        return False
    return True


CLOSE = {"np.allclose": np_allclose, "torch.testing.assert_close": torch_assert_close}


def _weights_differ(close: Callable[[Weights, Weights], bool], mutant: Mutant, module: ModuleType, dtype: str) -> bool:
    with np.errstate(all="ignore"):
        ours = final_weights(mutant.scenario, dtype, load_backend("numpy"))
        theirs = final_weights(mutant.scenario, dtype, LoadedBackend("mutant", module))
    return ours is None or theirs is None or not close(ours, theirs)


def complaints(run: RandomRun) -> dict[str, bool]:
    """Which of the checks of final weights would call a correct backend wrong, compared with the first."""
    scenario, dtype, backends = run
    with np.errstate(all="ignore"):
        ours, *others = (final_weights(scenario, dtype, backend) for backend in backends)
    return {
        name: any(ours is None or theirs is None or not close(ours, theirs) for theirs in others)
        for name, close in CLOSE.items()
    }


def op_of(backend: str, module: ModuleType, call: Call) -> Op:
    """One op of a backend as a function of NumPy arrays."""
    function = partial(getattr(module, call.op), **call.settings)
    return partial({"numpy": _by_hand, "torch": _in_torch, "chainer": _in_chainer}[backend], function)


def _by_hand(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    result, backward = function(*inputs)
    output, *others = result if isinstance(result, tuple) else (result,)
    nothing = [np.zeros_like(other) for other in others]
    return np.asarray(output), lambda above: [g() if callable(g) else g for g in backward(above, *nothing)]


def _in_torch(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    tensors = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    output = _first(function(*[tensor.clone() for tensor in tensors]))
    asked = [tensor for tensor in tensors if tensor.requires_grad]

    def backward(above: Array) -> list[Array | None]:
        found = iter(torch.autograd.grad(output, asked, torch.tensor(above), retain_graph=True, allow_unused=True))
        grads = [next(found) if tensor.requires_grad else None for tensor in tensors]
        return [None if grad is None else grad.numpy() for grad in grads]

    return output.detach().numpy(), backward


def _in_chainer(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    variables = [chainer.Variable(np.array(array)) for array in inputs]
    output = _first(function(*variables))

    def backward(above: Array) -> list[Array | None]:
        for variable in variables:
            variable.cleargrad()
        output.grad = np.array(above)
        output.backward(retain_grad=True)
        return [variable.grad for variable in variables]

    return output.array, backward


def _first(result: Any) -> Any:
    """The first output of an op, which is what numerical gradients are taken of here."""
    return result[0] if isinstance(result, tuple) else result


def _attached(op: Op, inputs: Sequence[Array], kept: Sequence[int]) -> Op:
    """An op as a function of some of its inputs: the others are data, towards which nobody asks for a gradient."""

    def applied(given: Sequence[Array]) -> tuple[Array, Callable[[Array], list[Array | None]]]:
        every = list(inputs)
        for i, array in zip(kept, given, strict=True):
            every[i] = array
        output, backward = op(every)
        return output, lambda above: [backward(above)[i] for i in kept]

    return applied


def torch_gradcheck(op: Op, inputs: Sequence[Array]) -> bool:
    """torch.autograd.gradcheck's defaults: every element of the Jacobian, by central differences."""
    eps, atol, rtol = 1e-6, 1e-5, 1e-3
    output, backward = op(inputs)
    for i, array in enumerate(inputs):
        if array.dtype.kind != "f":
            continue
        analytical = np.zeros((output.size, array.size))
        for row in range(output.size):
            above = np.zeros(output.shape)
            above.flat[row] = 1
            grad = backward(above)[i]
            analytical[row] = 0 if grad is None else np.ravel(grad)
        numerical = np.zeros_like(analytical)
        for column in range(array.size):
            step = np.zeros(array.shape)
            step.flat[column] = eps
            numerical[:, column] = np.ravel(_central(op, inputs, {i: step})) / (2 * eps)
        if not np.allclose(analytical, numerical, rtol=rtol, atol=atol):
            return False
    return True


def chainer_check_backward(op: Op, inputs: Sequence[Array]) -> bool:
    """chainer.gradient_check.check_backward's defaults: along one random direction of all inputs."""
    eps, atol, rtol = 1e-3, 1e-4, 1e-4
    random = np.random.RandomState(0)
    output, backward = op(inputs)
    above = np.asarray(random.standard_normal(output.shape) if output.ndim else 1.0)
    drawn = {i: np.asarray(random.standard_normal(a.shape)) for i, a in enumerate(inputs) if a.dtype.kind == "f"}
    norm = sum(float(np.sum(direction**2)) for direction in drawn.values()) ** 0.5
    directions = {i: np.asarray(direction / norm) for i, direction in drawn.items()}
    grads = backward(above)
    analytical = sum(float(np.sum(directions[i] * grad)) for i, grad in enumerate(grads) if grad is not None)
    steps = {i: np.asarray(eps * direction) for i, direction in directions.items()}
    numerical = float(np.sum(above * _central(op, inputs, steps))) / (2 * eps)
    return bool(np.allclose(analytical, numerical, rtol=rtol, atol=atol))


def _central(op: Op, inputs: Sequence[Array], steps: dict[int, Array]) -> Array:
    """The difference between the outputs for inputs that are moved by these steps, up and down."""
    up, down = ([a + sign * steps[i] if i in steps else a for i, a in enumerate(inputs)] for sign in (1, -1))
    return np.asarray(op(up)[0] - op(down)[0])


def _gradient_differs(
    check: Callable[[Op, Sequence[Array]], bool], mutant: Mutant, module: ModuleType, dtype: str
) -> bool:
    """Whether the check fails for the mutated op and passes for the right one, on what the scenario gives it.

    There is no numerical gradient of an optimizer or a training loop.
    """
    if mutant.function == "train":
        return False
    right = load_backend(mutant.backend).module
    data = DETACHED.get(mutant.at[0], Detached()).inputs
    with np.errstate(all="ignore"):
        for call, inputs in calls_of(mutant.scenario, mutant.at[0]):
            kept = [i for i in range(len(inputs)) if i not in data]
            given = [inputs[i] for i in kept]
            ops = [_attached(op_of(mutant.backend, backend, call), inputs, kept) for backend in (right, module)]
            if _passes(check, ops[0], given) and not _passes(check, ops[1], given):
                return True
    return False


def _passes(check: Callable[[Op, Sequence[Array]], bool], op: Op, inputs: Sequence[Array]) -> bool:
    try:
        return check(op, [np.array(array) for array in inputs])
    except Exception:
        return False


def calls_of(scenario: Scenario, op: str) -> list[tuple[Call, list[Array]]]:
    """Every call of an op in the first update, with its inputs in float64."""
    numpy = load_backend("numpy")
    experiment = prepare(scenario, [numpy, numpy], "float64")
    program, draws = experiment.program, experiment.draws
    step = Runner(numpy, program, draws, 1, "float64", trace=True).advance()
    (batch,) = islice(draws.batches(1), 1)
    tensors = {**batch, **program.buffers, **draws.weights, **step.values}
    return [(call, [np.asarray(tensors[name]) for name in call.inputs]) for call in program.calls if call.op == op]


OF_WEIGHTS: dict[str, UsualCheck] = {name: partial(_weights_differ, close) for name, close in CLOSE.items()}
OF_OPS: dict[str, UsualCheck] = {
    "torch.autograd.gradcheck": partial(_gradient_differs, torch_gradcheck),
    "chainer.gradient_check": partial(_gradient_differs, chainer_check_backward),
}


def usual_checks(dtype: str) -> dict[str, UsualCheck]:
    """The checks that can be made in a dtype: numerical gradients mean nothing in float32."""
    return {**OF_WEIGHTS, **OF_OPS} if dtype == "float64" else OF_WEIGHTS
