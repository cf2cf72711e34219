"""Asks the checks that people use otherwise: tolerances on the final weights, and numerical gradients of single ops."""

import importlib
from collections.abc import Callable
from functools import partial
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Call
from backends.mutants.mutant import Mutant
from backends.numpy_manual.gradients import DETACHED, Detached
from harness.errors import BackendMissing
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from harness.running.runner import Runner
from harness.studies.mutants.corpus import scenario_of
from harness.studies.mutants.random_networks import CorrectRun
from scenarios import Scenario

if TYPE_CHECKING:  # importing it imports both frameworks
    from backends.peers.usual_checks import AreClose, GradientCheck, Op

CHECKS = "backends.peers.usual_checks"

UsualCheck = Callable[[Mutant, ModuleType, str], bool]
"""Whether a check that people use would have caught a mutant, which is also given as a module, in a dtype."""
Weights = dict[str, Array]


def usual_checks(dtype: str) -> dict[str, UsualCheck]:
    """The checks that can be made in a dtype: numerical gradients mean nothing in float32.

    Raises BackendMissing where a framework can't be imported.
    """
    checks = _checks()
    of_weights: dict[str, UsualCheck] = {
        name: partial(_weights_differ, close) for name, close in checks.TOLERANCES.items()
    }
    of_gradients: dict[str, UsualCheck] = {
        name: partial(_gradients_differ, check) for name, check in checks.GRADIENT_CHECKS.items()
    }
    return of_weights | of_gradients if dtype == "float64" else of_weights


def complaints(run: CorrectRun) -> dict[str, bool]:
    """Which of the checks of final weights would call a correct backend wrong, compared with the first."""
    with np.errstate(all="ignore"):
        reference, *others = (final_weights(run.scenario, run.dtype, backend) for backend in run.backends)
    tolerances = _checks().TOLERANCES
    return {name: not all(_agree(close, reference, other) for other in others) for name, close in tolerances.items()}


def _weights_differ(close: "AreClose", mutant: Mutant, module: ModuleType, dtype: str) -> bool:
    scenario = scenario_of(mutant)
    with np.errstate(all="ignore"):
        reference = final_weights(scenario, dtype, load_backend("numpy"))
        others = final_weights(scenario, dtype, LoadedBackend("mutant", module))
    return not _agree(close, reference, others)


def _agree(close: "AreClose", reference: Weights | None, others: Weights | None) -> bool:
    """Whether both trainings ended, with weights that are close."""
    if reference is None or others is None:
        return False
    return all(close(others[name], weight) for name, weight in reference.items())


def final_weights(scenario: Scenario, dtype: str, backend: LoadedBackend) -> Weights | None:
    """Train on one's own; None where the backend does not get to the end."""
    try:
        experiment = prepare(scenario, [load_backend("numpy"), backend], dtype)
        runner = Runner(backend, experiment.program, experiment.draws, scenario.epochs, dtype)
        steps = [runner.advance() for _ in range(scenario.epochs * len(experiment.draws.batch_rows))]
    except Exception:
        return None
    return {name: np.array(array) for name, array in steps[-1].weights.items()}


def _gradients_differ(check: "GradientCheck", mutant: Mutant, module: ModuleType, dtype: str) -> bool:
    """Whether the check fails for the mutated op and passes for the right one, on what the scenario gives it.

    There is no numerical gradient of an optimizer or a training loop.
    """
    if mutant.function == "train":
        return False
    op, _ = mutant.location
    original = load_backend(mutant.backend).module
    data = DETACHED.get(op, Detached()).inputs
    with np.errstate(all="ignore"):
        for call, inputs in calls_of(scenario_of(mutant), op):
            right, wrong = (op_over_arrays(mutant.backend, backend, call) for backend in (original, module))
            if _passes(check, right, inputs, data) and not _passes(check, wrong, inputs, data):
                return True
    return False


def _passes(check: "GradientCheck", op: "Op", inputs: list[Array], data: tuple[int, ...]) -> bool:
    """Whether an op passes the check, in which inputs that are data stay as they are."""
    copies = [np.array(array) for array in inputs]
    try:
        return check(*_checks().with_fixed(op, copies, data))
    except Exception:
        return False


def op_over_arrays(backend: str, module: ModuleType, call: Call) -> "Op":
    """The op of a call, as a backend's module has it, as a function of NumPy arrays."""
    op: Op = _checks().op_over_arrays(backend, partial(getattr(module, call.op), **call.settings))
    return op


def calls_of(scenario: Scenario, op: str) -> list[tuple[Call, list[Array]]]:
    """Every call of an op in the first update, with its inputs in float64."""
    numpy = load_backend("numpy")
    experiment = prepare(scenario, [numpy, numpy], "float64")
    program, draws = experiment.program, experiment.draws
    step = Runner(numpy, program, draws, 1, "float64", trace=True).advance()
    (batch,) = islice(draws.batches(1), 1)
    tensors = {**batch, **program.buffers, **draws.weights, **step.values}
    return [(call, [np.asarray(tensors[name]) for name in call.inputs]) for call in program.calls if call.op == op]


def _checks() -> Any:
    """The module of the checks. Raises BackendMissing where a framework can't be imported."""
    try:
        return importlib.import_module(CHECKS)
    except ImportError as error:
        raise BackendMissing(
            f"the usual checks need both frameworks: {error}; `lockstep doctor` says what to do"
        ) from error
