"""Trains a program by the ops' own `backward`s, kept on a tape."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backends.contract import Array, Call, Program, RuleCall, Step, Tensors, average_name, clipped_name, gradient_name
from backends.numpy_manual.training.fitting import gradients_of_inputs, outputs_and_backward
from backends.recording import Recording, memory_of
from backends.rules import bound, bound_if_any, by_step, counts_steps, may_overwrite_gradients


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by the ops' own `backward`s, kept on a tape; yield one Step per update."""
    w: Tensors = {name: np.array(array) for name, array in weights.items()}
    del weights  # those of a nudged run are held here alone

    # optimizer
    rules = {name: bound(ops, program.optimizer_of(name)) for name in w}
    scheduled_of = {name: program.scheduled_of(name) for name in w} if program.schedule else {}
    unchanged: dict[str, dict[str, float]] = {name: {} for name in w}
    decays = {name: bound(ops, decay) for name, decay in program.decays.items()}
    clip, schedule = bound_if_any(ops, program.clipping), by_step(ops, program.schedule)
    counts = {name: counts_steps(getattr(ops, program.optimizer_of(name).op)) for name in w}
    average = bound_if_any(ops, program.average)
    averages = {name: np.array(array) for name, array in w.items()} if average else {}
    state_names = {name: [f"{slot}_{name}" for slot in program.slots_of(name)] for name in w}
    state = {name: [np.full_like(w[name], first) for first in program.first_state_of(name).values()] for name in w}

    buffers: Tensors = {name: np.array(array) for name, array in program.buffers.items()}
    accumulated: Tensors = {}
    rooms = {name: np.empty_like(array) for name, array in w.items()} if may_overwrite_gradients(ops, program) else {}
    for update, batch in enumerate(batches, 1):
        is_first, is_last = program.epoch.begins_step(update), program.epoch.ends_step(update)
        share = program.epoch.share(update) if program.epoch.accumulates else None

        # forward
        given: Tensors = {**batch, **buffers, **w}
        recording = Recording(given) if trace else None
        tape = Tape(ops, program, recording)
        tensors = tape.forward(given)
        loss = tensors[program.loss]

        # clear gradients
        grads: Tensors = {} if is_first else accumulated

        # backward
        grads[program.loss] = loss.dtype.type(1 if share is None else share)

        tape.backward(grads, tensors)
        grads |= {name: np.zeros_like(w[name]) for name in program.not_yet_trained(update)}
        # Where a rule may write over its gradients, copies are yielded.
        for name, room in rooms.items():
            np.copyto(room, grads[name])
        yielded = rooms or {name: np.asarray(grads[name]) for name in w}
        accumulated = dict(yielded)
        watching = recording if clip or program.decay else None
        received = _for_rule({name: grads[name] for name in w}, watching, gradient_name)

        # clip
        if clip and is_last:
            given_to_clip, received = received, dict(zip(w, clip(*received.values()), strict=True))
            _notice(recording, program.clipping, given_to_clip)
            received = _for_rule(received, watching, clipped_name)
        clipped = {name: np.array(grad) for name, grad in received.items()} if clip and is_last else {}

        # schedule
        scheduled: dict[str, float] = {}
        changing = unchanged
        if schedule and program.schedule and is_last:
            step = program.epoch.step(update)
            scheduled = {name: schedule(step, lr=first) for name, first in program.first_scheduled.items()}
            changing = {name: {program.schedule.of: scheduled[its]} for name, its in scheduled_of.items()}
        of_decay, of_optimizer = (changing, unchanged) if program.schedules_decay else (unchanged, changing)

        # decay
        steps = program.steps(update)
        if program.decay:
            given_to_decay = received
            received = {name: decays[name](w[name], received[name], **of_decay[name]) for name in steps}
            _notice(recording, program.decay, given_to_decay)
        decayed = {name: np.array(grad) for name, grad in received.items()} if program.decay else {}

        # step
        for name, step in steps.items():
            its = {**of_optimizer[name], "t": step} if counts[name] else of_optimizer[name]
            w[name], *state[name] = _as_tuple(rules[name](w[name], received[name], *state[name], **its))

        # average
        if average and is_last:
            averages = {name: average(kept, w[name]) for name, kept in averages.items()}

        # carry
        buffers = {name: tensors[value] for name, value in program.carried.items()}

        traced = recording.taken(program.values) if recording else {}
        del recording, tape, given, tensors, grads, received  # nobody needs their memory while the step is looked at
        yield Step(
            loss=np.asarray(loss),
            weights=w,
            grads=yielded,
            state={key: kept for name in w for key, kept in zip(state_names[name], state[name], strict=True)}
            | {average_name(name): kept for name, kept in averages.items()}
            | buffers,
            clipped=clipped,
            scheduled=scheduled,
            decayed=decayed,
            **traced,
        )


def _for_rule(gradients: Tensors, recording: Recording | None, name_in_results: Callable[[str], str]) -> Tensors:
    """The gradients in arrays that share no memory with one another, and none with what was recorded."""
    apart: Tensors = {}
    memories: set[Hashable] = set()
    for name, grad in gradients.items():
        memory = memory_of(grad)
        apart[name] = np.array(grad) if recording is not None or memory in memories else grad
        memories.add(memory)
        if recording is not None:
            recording.keep(name_in_results(name), apart[name])
    return apart


def _notice(recording: Recording | None, rule: RuleCall | None, given: Tensors) -> None:
    """Note which of the gradients that it was given a rule wrote over."""
    if recording is not None and rule is not None:
        recording.notice(rule.op, "update", None, given.values())


def _as_tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


class Tape:
    """The calls of one update, in the order in which they ran."""

    def __init__(self, ops: Any, program: Program, recording: Recording | None) -> None:
        self._program = program
        self._recording = recording
        self._functions = [getattr(ops, call.op) for call in program.calls]
        self._entries: list[tuple[Call, Callable[..., Any]]] = []

    def forward(self, tensors: Tensors) -> Tensors:
        """Run all calls; return every tensor by name."""
        tensors = dict(tensors)
        for call, function in zip(self._program.calls, self._functions, strict=True):
            inputs = [tensors[name] for name in call.inputs]
            outputs, backward = outputs_and_backward(call, function, function(*inputs, **call.settings), inputs)
            tensors.update(zip(call.outputs, outputs, strict=True))
            self._entries.append((call, backward))
            if self._recording is not None:
                self._recording.keep_outputs(call, tensors)
        return tensors

    def backward(self, grads: Tensors, tensors: Tensors) -> None:
        """Add to `grads`, which holds that of the loss, the gradient of everything that the loss depends on."""
        differentiable, recording = self._program.differentiable, self._recording
        if recording is not None:
            recording.keep(gradient_name(self._program.loss), grads[self._program.loss])
        for call, backward in reversed(self._entries):
            if grads.keys().isdisjoint(call.outputs):
                continue  # the loss does not depend on this call
            arriving = [grads[name] if name in grads else np.zeros_like(tensors[name]) for name in call.outputs]
            leaving = gradients_of_inputs(call, backward, backward(*arriving), tensors, differentiable)
            if recording is not None:
                touched = [tensors[name] for name in (*call.inputs, *call.outputs)]
                returned = [grad for _, grad in leaving]
                recording.notice(call.op, "backward", call.outputs[0], [*touched, *arriving, *returned])
            for name, grad in leaving:
                grads[name] = grads[name] + grad if name in grads else grad
                if recording is not None:
                    recording.keep(gradient_name(name), grads[name])
            if recording is not None:
                recording.release(map(gradient_name, call.outputs))
