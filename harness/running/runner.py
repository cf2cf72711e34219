"""Advances one backend update by update, times it, and checks that each Step fits the contract."""

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from backends.contract import Array, ContractError, Node, Program, Step, gradient_name
from harness.errors import Crashed, InputError, OutOfMemory, deed, did_you_mean, is_shortage, line_in, op_in
from harness.guarding.garbage import collection_postponed
from harness.recording.arrays import Draws
from harness.recording.loading import LoadedBackend


class Runner:
    """One backend's training, advanced from outside.

    It starts from the drawn weights and batches unless others are passed, always in its own copies.
    Raises InputError if the backend breaks the contract: too few steps, missing tensors, another shape or dtype;
    Crashed if it raises an error, tries to end the process, or takes more than its time; and OutOfMemory if it takes
    more memory than there is.
    """

    def __init__(
        self,
        backend: LoadedBackend,
        program: Program,
        draws: Draws,
        epochs: int,
        dtype: str,
        *,
        weights: Mapping[str, Array] | None = None,
        batches: Iterable[dict[str, Array]] | None = None,
        trace: bool = False,
    ) -> None:
        self.name = backend.name
        self.seconds = 0.0
        self._program = program
        self._dtype = np.dtype(dtype)
        self._updates = epochs * len(draws.batch_rows)
        self.done = 0
        """How many updates it has made."""
        self.asked_to_trace = trace
        self.traces = trace
        """Whether the steps carry the tensors that trace=True asks for; a backend may leave all of them out."""
        start = weights or draws.weights
        if not backend.guest.is_trusted:  # built-in backends copy them on entry
            start = {name: array.copy() for name, array in start.items()}
        self._steps = _train(backend, program, start, batches or draws.batches(epochs), trace=trace)
        self._stay = backend.guest.stay()
        self._module = backend.module
        self._file = str(getattr(backend.module, "__file__", None))
        self._values = dict.fromkeys(program.values)
        self._with_gradient = {name: None for name in self._values if name in program.with_gradient}
        self._outcomes = [(str(node), node, program.shapes[node.of]) for node in outcomes(program)]
        self._weights = dict.fromkeys(program.weights)
        its_state = (name for name, node, _ in self._outcomes if node.kind in ("state", "average", "buffer"))
        self._state = dict.fromkeys(its_state)

    def advance(self) -> Step:
        """Return the next update's Step."""
        try:
            step = self._next()
        except StopIteration:
            raise InputError(
                f"backend {self.name} yielded {self.done} of {self._updates} steps; train() must yield one per batch"
            ) from None
        self.done += 1
        if not isinstance(step, Step):
            raise InputError(f"backend {self.name} yielded a {type(step).__name__}, not a backends.contract.Step")
        return step

    def finish(self) -> None:
        """Check that the backend has no step left after its last batch."""
        try:
            self._next()
        except StopIteration:
            return
        raise InputError(
            f"backend {self.name} yielded more than {self._updates} steps; train() must yield one per batch"
        )

    def _next(self) -> Step:
        """Run the backend up to its next step. Raises StopIteration after the last."""
        try:
            with self._stay, collection_postponed():
                began = time.perf_counter()
                step = next(self._steps)
                self.seconds += time.perf_counter() - began
            return step
        except (InputError, StopIteration):
            raise
        except ContractError as error:
            raise InputError(f"backend {self.name}: {error}") from error
        except Exception as error:
            place, line = f"update {self.done + 1}", line_in(self._file, error)
            if is_shortage(error):
                op = op_in(error, {call.op: getattr(self._module, call.op) for call in self._program.calls})
                what = deed(error, f"{place}{op and f' ({op})'}", line)
                raise OutOfMemory(f"backend {self.name} {what}") from error
            raise Crashed(f"backend {self.name} {deed(error, place, line)}") from error

    def check(self, step: Step) -> None:
        """Check names, shapes and dtypes of a Step. Raises InputError if one is wrong."""
        program = self._program
        self._check_names("weights", step.weights, self._weights)
        self._check_names("grads", step.grads, self._weights)
        self._check_names("state", step.state, self._state)
        steps = program.epoch.ends_step(self.done)
        self._check_names("clipped", step.clipped, self._weights if program.clipping and steps else {})
        self._check_scheduled(step.scheduled)
        if step.decayed:
            self._check_names("decayed", step.decayed, program.steps(self.done) if program.decay else {})
        self._check_mapping("values", step.values)
        self._check_mapping("value_grads", step.value_grads)
        self.traces = self.asked_to_trace and bool(step.values or step.value_grads)
        if self.traces:
            self._check_traced(step)
        for name, node, shape in self._outcomes:
            array = node.read(step)
            if array is None and node.kind in ("clipped", "decayed"):
                continue  # of an update at which the optimizer does not step them
            self._check_shape(name, array, shape)
            if array is not None and array.dtype != self._dtype:
                raise InputError(f"backend {self.name} yielded {name} as {array.dtype}; the run is in {self._dtype}")

    def _check_scheduled(self, values: Mapping[str, float]) -> None:
        """Check that there are the values of the setting that the schedule changes, and no others."""
        program, steps = self._program, self._program.epoch.ends_step(self.done)
        self._check_mapping("scheduled", values)
        if values and not steps:
            problem = "though its optimizer makes no step at this update"
            raise InputError(f"backend {self.name} yielded scheduled {', '.join(values)}, {problem}")
        expected = program.first_scheduled if steps else {}
        missing = [name for name in expected if name not in values]
        if missing:
            raise InputError(
                f"backend {self.name} yielded no scheduled {', '.join(missing)}, which the schedule of the scenario "
                "changes at every update (Program.first_scheduled)"
            )
        self._check_names("scheduled", values, expected)

    def _check_traced(self, step: Step) -> None:
        """Check the tensors that trace=True asks for."""
        self._check_known("values", step.values, self._values)
        self._check_detached(step.value_grads)
        self._check_known("value_grads", step.value_grads, self._with_gradient)
        if self.done > 1:
            return  # the program's shapes are those of the first batch; the last may be smaller
        for name, array in step.values.items():
            self._check_shape(name, array, self._program.shapes[name])
        for name, array in step.value_grads.items():
            self._check_shape(gradient_name(name), array, self._program.shapes[name])

    def _check_names(self, part: str, arrays: Mapping[str, object], expected: Mapping[str, object]) -> None:
        self._check_mapping(part, arrays)
        if arrays.keys() != expected.keys():
            listed = ", ".join(sorted(arrays)) or "none"
            raise InputError(
                f"backend {self.name} yielded {part} {listed}; they should be {', '.join(expected) or 'none'}"
            )

    def _check_mapping(self, part: str, arrays: object) -> None:
        if not isinstance(arrays, dict | Mapping):  # a dict is recognised at once
            got = type(arrays).__name__
            raise InputError(f"backend {self.name} yielded {part} as {got}; it must be a dict by name")

    def _check_known(self, part: str, arrays: Mapping[str, Array], known: Mapping[str, None]) -> None:
        """Check a part of which a backend may leave out any name."""
        for name in arrays:
            if name not in known:
                hint = did_you_mean(name, known)
                raise InputError(f"backend {self.name} yielded {part} of {name}, which has none in this program{hint}")

    def _check_detached(self, value_grads: Mapping[str, Array]) -> None:
        """Check that no gradient came through an op that lets none pass."""
        for name in value_grads:
            if name in self._with_gradient:
                continue
            if name in self._program.differentiable:
                call, why = self._program.detaching(name), "it can only come through"
            else:
                call, why = self._program.detached_by(name), "it depends on a weight through"
            if call is not None:
                raise InputError(
                    f"backend {self.name} yielded a gradient of {name}, which has none in this program: {why} "
                    f"{call.outputs[0]} ({call.op} backward), and that lets none pass"
                )

    def _check_shape(self, name: str, array: Any, shape: tuple[int, ...]) -> None:
        if not isinstance(array, np.ndarray | np.generic):
            raise InputError(f"backend {self.name} yielded {name} as {type(array).__name__}; it must be a NumPy array")
        if array.shape != shape:
            raise InputError(f"backend {self.name} yielded {name} with shape {array.shape}; it should be {shape}")


def _train(
    backend: LoadedBackend,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool,
) -> Iterator[Step]:
    """Yield the backend's steps. train() is called lazily, at the first next(), where errors are caught."""
    steps = backend.module.train(backend.module, program, weights, batches, trace=trace)
    del weights, batches  # a nudged run's own, which it needs no longer when it has copied them
    if not isinstance(steps, Iterable):
        raise InputError(
            f"backend {backend.name}'s train() returned {type(steps).__name__}; it must be a generator of Steps"
        )
    yield from steps


def outcomes(program: Program) -> list[Node]:
    """The arrays that every backend yields at every update, whether or not it is asked to trace.

    The learning rate is none of them: it is a number in float64 in every run.
    """
    return [
        node
        for node in program.nodes()
        if node.kind not in ("value", "scheduled") and (node.kind != "gradient" or node.of in program.weights)
    ]


def check_memory(steps: Mapping[str, Step], draws: Draws) -> None:
    """Raise InputError if two backends train in the same memory, or one in the scenario's draws."""
    owned = {
        name: [(tensor, array) for part in (step.weights, step.state, step.grads) for tensor, array in part.items()]
        for name, step in steps.items()
    }
    drawn = [*draws.data.items(), *draws.weights.items()]
    for name, tensors in owned.items():
        for tensor, array in tensors:
            for drawn_name, drawn_array in drawn:
                if np.shares_memory(array, drawn_array):
                    raise InputError(
                        f"backend {name}'s {tensor} shares memory with the scenario's {drawn_name}: "
                        "what it changes would change every run; copy on entry, as np.array(array)"
                    )
    for (one, its), (other, others) in combinations(owned.items(), 2):
        for tensor, array in its:
            for other_tensor, other_array in others:
                if np.shares_memory(array, other_array):
                    raise InputError(
                        f"backend {one}'s {tensor} shares memory with backend {other}'s {other_tensor}: "
                        "they would agree whatever they compute; copy on entry, as np.array(array)"
                    )
