"""Translates the captured calls of a model into calls of ops.

A translation is written like a scenario's function. It is called with a writer in place of the ops, which runs each
hand-written op on what was captured, and keeps the call.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any

import numpy as np

from backends.capture.calls import Given, LiveCall, Pass
from backends.contract import Array, Call
from backends.translating.catalogue import DRAWN, TRANSLATIONS
from backends.translating.instead import INSTEAD
from backends.translating.untranslatable import Untranslatable
from backends.vocabulary import OPS
from harness.capturing.merging import have_same_constants, merged
from harness.capturing.names import Names
from harness.capturing.passes import reach, same_as, told_in
from harness.capturing.translated import OPAQUE, Leaf, Refusal, Role, Translated, TranslatedCall
from harness.capturing.writer import Writer
from harness.recording.arguments import tensors_and_settings
from harness.recording.handles.handle import Handle
from scenarios.language.errors import NEAR_OF_MANY

FindOp = Callable[[str], Callable[..., Any]]


def translate(passes: Sequence[Pass], framework: str, find_op: FindOp, trained: Collection[str]) -> Translated:
    """Translate the first pass; the others, which make the same calls, tell what differs from update to update.

    trained: the names of the weights that are; the others are frozen.
    """
    told = [told_in(captured) for captured in passes]

    def translated(*, shares_constants: bool) -> list[Translated]:
        by_told = {
            each: _Translator(passes, told.index(each), framework, find_op, trained, shares_constants).run()
            for each in dict.fromkeys(told)
        }
        return [by_told[each] for each in told]

    found = translated(shares_constants=True)
    # Numbers that are equal in one update, such as two sizes, may differ in another: then each is a constant by itself.
    return merged(found if have_same_constants(found) else translated(shares_constants=False))


class _Translator:
    """Translates one of the passes."""

    def __init__(
        self,
        passes: Sequence[Pass],
        position: int,
        framework: str,
        find_op: FindOp,
        trained: Collection[str],
        shares_constants: bool,
    ) -> None:
        self.find_op = find_op
        self._shares_constants = shares_constants
        self._passes = passes
        self._position = position
        self._pass = passes[position]
        self._translations = TRANSLATIONS[framework]
        self._trained = trained
        self._reach = reach(self._pass, trained)
        self._makers = {number: call for call in self._reach.calls for number in call.outputs}
        self._weights = {number: name for name, number in self._pass.weights.items()}
        self._buffers = {number: name for name, number in self._pass.buffers.items()}
        self.names = Names()
        self.arrays: dict[str, Array] = {}
        self.carried: dict[str, str] = {}
        self.leaves: dict[str, Leaf] = {}
        self._handles: dict[int, Handle] = {}
        self._of_weights: dict[tuple[str, tuple[str, ...], str], Any] = {}
        """What is computed of weights alone, such as a transposed one: once for all steps of a sequence."""
        self._constants: dict[tuple[bytes, tuple[int, ...]], Handle] = {}
        self._data: dict[tuple[Any, ...], Handle] = {}
        self.calls: list[TranslatedCall] = []
        self._refusals: list[Refusal] = []
        self.used_inside: list[Handle] = []

    def run(self) -> Translated:
        for number in self._pass.batch:
            if any(number in call.inputs for call in self._reach.calls):
                self.tensor(number)
        for call in self._reach.calls:
            if self._is_computed(call):
                self._translate(call)
        loss = self._handles[self._pass.loss]
        return Translated(
            self.calls,
            self._used_leaves(loss.name),
            loss.name,
            self.carried,
            {number: handle.name for number, handle in self._handles.items()},
            self.arrays,
            self._refusals,
            self._used_inside(),
        )

    def _used_leaves(self, loss: str) -> dict[str, Leaf]:
        """Without those that were only read for a setting, such as class weights."""
        used = {
            loss,
            *self.carried,
            *self.carried.values(),
            *(name for each in self.calls for name in each.call.inputs),
        }
        return {name: leaf for name, leaf in self.leaves.items() if name in used or leaf.role == "weight"}

    def _used_inside(self) -> frozenset[str]:
        """The tensors that the model's call which gives them uses, too."""
        makers = {name: each.live for each in self.calls for name in each.call.outputs}
        used = {name for each in self.calls for name in each.call.inputs if makers.get(name) is each.live}
        return frozenset({*used, *(handle.name for handle in self.used_inside)})

    def _is_computed(self, call: LiveCall) -> bool:
        """Whether a call is a part of the program, rather than that what it gives is data."""
        if self._reach.data & {*call.outputs}:
            return False
        if self._reach.dependent & {*call.inputs}:
            return True
        # What is computed from data alone is a part of the program where it can be, such as a reshaping of images.
        return call.function in self._translations and all(self._is_float(number) for number in call.inputs)

    def _is_float(self, number: int) -> bool:
        return self._pass.arrays[number].dtype.kind == "f"

    def tensor(self, number: int, hint: str = "data") -> Handle:
        """The tensor of a number; a leaf if no call of the program made it."""
        if number not in self._handles:
            self._handles[number] = self._leaf(number, hint)
        handle = self._handles[number]
        if handle.name in self.carried:  # a buffer that an earlier call has changed
            name = self.carried[handle.name]
            return Handle(name, self.arrays[name].shape)
        return handle

    def _leaf(self, number: int, hint: str) -> Handle:
        arrays = [captured.arrays[number] for captured in self._passes]
        if number in self._weights:
            source = self._weights[number]
            return self._new_leaf(
                self.names.of(source), "weight" if source in self._trained else "frozen", arrays, source
            )
        if number in self._buffers:
            source = self._buffers[number]
            return self._new_leaf(self.names.of(source), "buffer", arrays, source)
        if number in self._pass.batch:
            name = self._pass.batch[number]
            return self._new_leaf(self.names.of(name) if name else self.names.numbered("batch"), "data", arrays)
        maker = self._makers.get(number)
        hint = "noise" if hint == "eps" or (maker is not None and maker.function in DRAWN) else hint
        if arrays[0].dtype.kind == "b":
            arrays = [array.astype(np.int64) for array in arrays]
        is_constant = arrays[0].dtype.kind == "f" and maker is None and all(map(same_as(arrays[0]), arrays))
        is_drawn = hint in ("mask", "noise")
        role: Role = "frozen" if is_constant and not is_drawn else "data"
        return self._new_leaf(self.names.numbered("constant" if role == "frozen" else hint), role, arrays)

    def _new_leaf(self, name: str, role: Role, arrays: Sequence[Array], source: str = "") -> Handle:
        leaf = self.leaves[name] = Leaf(role, arrays if role == "data" else arrays[:1], source)
        self.arrays[name] = leaf.of_pass(self._position)
        return Handle(name, self.arrays[name].shape)

    def constant(self, value: Any, shape: tuple[int, ...] | None = None) -> Handle:
        """A number, or an array of one number, as a tensor that stays as it is."""
        array = np.asarray(value, np.float64) if shape is None else np.full(shape, value, np.float64)
        key = array.tobytes(), array.shape
        if key not in self._constants or not self._shares_constants:
            self._constants[key] = self._new_leaf(self.names.numbered("constant"), "frozen", [array])
        return self._constants[key]

    def data(self, arrays: list[Array], name: str) -> Handle:
        """Data of the pass: one array for every pass, or one for each; the same arrays are one tensor."""
        repeated = arrays if len(arrays) > 1 else arrays * len(self._passes)
        key = (name, *((array.dtype.kind, array.shape, array.tobytes()) for array in repeated))
        if key not in self._data or not self._shares_constants:
            self._data[key] = self._new_leaf(self.names.numbered(name), "data", repeated)
        return self._data[key]

    def carry(self, name: str, value: Handle) -> None:
        """Let a buffer have a value after this call, also if an earlier call has changed it."""
        buffer = next((first for first, latest in self.carried.items() if latest == name), name)
        if self.leaves[buffer].role == "buffer":
            written, value.name = value.name, self.names.of(f"new_{buffer}")
            self.names.free(written)
            self.arrays[value.name] = self.arrays.pop(written)
            self._rename({written: value.name}, 0)
            self.carried[buffer] = value.name

    def is_given(self, handle: Handle) -> bool:
        """Whether it is data or a constant, and neither computed nor a weight."""
        leaf = self.leaves.get(handle.name)
        return leaf is not None and leaf.role in ("data", "frozen") and not leaf.source

    def values(self, handle: Handle) -> list[Array]:
        """What data or a constant holds in every pass. Raises Untranslatable for what is computed or trained."""
        leaf = self.leaves.get(handle.name)
        if leaf is None or leaf.role == "weight":
            raise Untranslatable("a setting that the model computes")
        return [*leaf.arrays]

    def _translate(self, call: LiveCall) -> None:
        before = len(self.calls), len(self.leaves)
        arrays = dict(self.arrays)
        try:
            translation = self._translations.get(call.function)
            if translation is None:
                raise Untranslatable(f"no op computes it{_near(call)}")
            positional, named = self._arguments(call)
            writer = Writer(self, call)
            outputs = _as_tuple(translation(writer, *positional, **named))
            if call.stops_gradient:
                outputs = tuple(None if output is None else writer.detach(output) for output in outputs)
            if len(outputs) != len(call.outputs):
                raise Untranslatable(f"it gives {len(call.outputs)} tensors, its translation {len(outputs)}")
        except Exception as error:  # of a setting that the op has not, or of a shape that it can't take
            self._take_back(*before, arrays)
            self._keep_opaque(call, str(error))
            return
        self._name_outputs(call, outputs, before[0])

    def _take_back(self, calls: int, leaves: int, arrays: dict[str, Array]) -> None:
        """Forget what a translation wrote before it failed."""
        for each in self.calls[calls:]:
            for name in each.call.outputs:
                self.names.free(name)
        del self.calls[calls:]
        self._of_weights = {
            key: given
            for key, given in self._of_weights.items()
            if all(each.name in arrays for each in _as_tuple(given))
        }
        self.arrays = arrays | {name: leaf.of_pass(self._position) for name, leaf in self.leaves.items()}

    def _arguments(self, call: LiveCall) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self._with_handles(call.arguments.positional, ""), self._with_handles(call.arguments.named, "")

    def _with_handles(self, value: Any, hint: str) -> Any:
        if isinstance(value, Given):
            return self.tensor(value.number, hint or "data")
        if isinstance(value, Mapping):
            return {name: self._with_handles(item, name) for name, item in value.items()}
        return tuple(self._with_handles(item, hint) for item in value) if isinstance(value, tuple | list) else value

    def write(self, op: str, arguments: tuple[Any, ...], settings: dict[str, Any], live: LiveCall) -> Any:
        """Keep a call of an op; return its outputs."""
        function = self.find_op(op)
        tensors = [self.constant(item) if _is_number(item) else item for item in arguments]
        inputs, settings = tensors_and_settings(op, function, tuple(tensors), settings)
        key = (op, tuple(handle.name for handle in inputs), repr(settings))
        if key in self._of_weights:
            self.used_inside.extend(_as_tuple(self._of_weights[key]))
            return self._of_weights[key]
        arrays = [self.arrays[handle.name] for handle in inputs]
        with np.errstate(all="ignore"):
            result, _ = function(*arrays, **settings)
        outputs = _as_tuple(result)
        names = tuple(self.names.numbered(op) for _ in outputs)
        self.arrays.update(zip(names, outputs, strict=True))
        call = Call(
            op, tuple(handle.name for handle in inputs), _without_defaults(function, settings), names, live.place
        )
        self.calls.append(TranslatedCall(call, live))
        handles = tuple(Handle(name, output.shape, made_by=op) for name, output in zip(names, outputs, strict=True))
        given = handles if isinstance(result, tuple) else handles[0]
        if all(name in self.leaves and self.leaves[name].role in ("weight", "frozen") for name in call.inputs):
            self._of_weights[key] = given
        return given

    def _name_outputs(self, call: LiveCall, outputs: Sequence[Handle | None], first: int) -> None:
        """Name what a call gives after its layer, and take the captured numbers for what follows."""
        written = {name for each in self.calls[first:] for name in each.call.outputs}
        renamed: dict[str, str] = {}
        for number, handle in zip(call.outputs, outputs, strict=True):
            if handle is None:
                continue
            if handle.name in written and handle.name not in renamed.values():
                name = self._name_of_output(call, number, handle.name)
                if name != handle.name:
                    renamed[handle.name] = name
                    self.arrays[name] = self.arrays.pop(handle.name)
                    handle.name = name
            if handle.name not in written and self._is_of_weights(handle):
                self.used_inside.append(handle)  # another call gives it, too
            self._handles[number] = handle
            if handle.name in renamed.values() or handle.name in written:
                self.arrays[handle.name] = self._pass.arrays[number]
        self._rename(renamed, first)

    def _is_of_weights(self, handle: Handle) -> bool:
        return any(handle is each for given in self._of_weights.values() for each in _as_tuple(given))

    def _name_of_output(self, call: LiveCall, number: int, written: str) -> str:
        if number == self._pass.loss:
            self.names.free(written)
            return self.names.of("loss")
        own = any(name.rpartition(".")[0] == call.layer for name in map(self._weights.get, call.inputs) if name)
        if not call.layer or not own:
            return written
        self.names.free(written)
        return (
            self.names.of(call.layer) if len(call.outputs) == 1 else self.names.numbered(call.layer.replace(".", "_"))
        )

    def _rename(self, renamed: Mapping[str, str], first: int) -> None:
        if not renamed:
            return
        for i in range(first, len(self.calls)):
            call = self.calls[i].call
            inputs, outputs = (tuple(renamed.get(n, n) for n in names) for names in (call.inputs, call.outputs))
            self.calls[i] = replace(self.calls[i], call=replace(call, inputs=inputs, outputs=outputs))
        for buffer, name in self.carried.items():
            self.carried[buffer] = renamed.get(name, name)

    def _keep_opaque(self, call: LiveCall, reason: str) -> None:
        self._refusals.append(Refusal(call, reason))
        inputs = tuple(dict.fromkeys(self.tensor(number).name for number in call.inputs))
        outputs = []
        for number in call.outputs:
            array = self._pass.arrays[number]
            name = self.names.of("loss") if number == self._pass.loss else self.names.numbered(OPAQUE)
            self.arrays[name] = array
            self._handles[number] = Handle(name, array.shape)
            outputs.append(name)
        self.calls.append(TranslatedCall(Call(OPAQUE, inputs, {}, tuple(outputs), call.place), call))


def _near(call: LiveCall) -> str:
    """What a function without an op can be written with, if that is known; else the op that is called almost so."""
    if call.function in INSTEAD:
        return f"; it can be written with {', '.join(INSTEAD[call.function])}"
    ops = [op for family in OPS.values() for op in family]
    found = get_close_matches(call.function.lower(), ops, n=1, cutoff=NEAR_OF_MANY)
    return f"; the one with the nearest name is {found[0]}" if found else ""


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _without_defaults(function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        name: parameter.default
        for name, parameter in signature(function).parameters.items()
        if parameter.default is not Parameter.empty
    }
    return {name: value for name, value in settings.items() if name not in defaults or value != defaults[name]}
