"""The contract's data: the nodes of a program in computing order, with their names, their makers and where they are."""

import gc
from typing import Any, get_args

import numpy as np
import pytest

from backends.contract import NodeKind, Program
from backends.contract.nodes import PHASES
from backends.vocabulary import BUILT_IN
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.deviations import KINDS
from harness.running.runner import Runner, outcomes
from harness.running.traced import tensors_of
from harness.running.updates import Updates
from reports.page.run.numbers import kinds_of
from scenarios import (
    Scenario,
    buffer,
    clip_by_norm,
    momentum,
    param,
    randn,
    scenario,
    step_decay,
    weight_average,
    weight_decay,
)
from tests.backends.computing import skip_without_any_of


@scenario(
    seed=1,
    epochs=2,
    optimizer=momentum(lr=0.1, momentum=0.9),
    schedule=step_decay(every=1, factor=0.5),
    clipping=clip_by_norm(max_norm=1.0),
    average=weight_average(share=0.9),
    decay=weight_decay(rate=0.01),
    x=randn(4, 3),
    y=randn(4, 3),
    w=param(3, 3),
    mean=buffer(fill=0.0),
)
def everything(op: Any, x: Any, y: Any, w: Any, mean: Any) -> Any:
    """A weight used twice, a call that the loss does not depend on, a buffer, and a rule of every kind."""
    h = op.matmul(x, w)
    unused = op.tanh(h)
    new_mean = op.add(op.reduce_mean(unused), mean)
    h_r = op.relu(h)
    y_p = op.matmul(h_r, w)
    loss = op.mean_squared_error(y_p, y)
    return loss, {"mean": new_mean}


def recorded(chosen: Scenario) -> tuple[Program, Draws]:
    draws = draw_arrays(chosen, "float64")
    return record_program(chosen, draws, hand_written_ops(())), draws


def test_the_nodes_are_every_tensor_of_an_update_in_computing_order() -> None:
    program, _ = recorded(everything)
    assert [(node.kind, str(node), node.op, node.call) for node in program.nodes()] == [
        ("value", "h", "matmul", "h"),
        ("value", "unused", "tanh", "unused"),
        ("value", "reduce_mean_1", "reduce_mean", "reduce_mean_1"),
        ("value", "new_mean", "add", "new_mean"),
        ("value", "h_r", "relu", "h_r"),
        ("value", "y_p", "matmul", "y_p"),
        ("loss", "loss", "mean_squared_error", "loss"),
        ("gradient", "grad_y_p", "mean_squared_error", "loss"),
        ("gradient", "grad_h_r", "matmul", "y_p"),
        ("gradient", "grad_h", "relu", "h_r"),
        ("gradient", "grad_w", "matmul", "h"),
        ("clipped", "clipped_grad_w", "clip_by_norm", None),
        ("scheduled", "lr", "step_decay", None),
        ("decayed", "decayed_grad_w", "weight_decay", None),
        ("state", "v_w", "momentum", None),
        ("weight", "w", "momentum", None),
        ("average", "average_w", "weight_average", None),
        ("buffer", "mean", "add", "new_mean"),
    ]


def test_no_two_nodes_have_one_name() -> None:
    program, _ = recorded(everything)
    names = [str(node) for node in program.nodes()]
    assert len(set(names)) == len(names)


def test_every_node_is_in_a_traced_step_and_outcomes_in_every_step(any_backend: LoadedBackend) -> None:
    program, draws = recorded(everything)
    skip_without_any_of(any_backend, program)
    for trace, nodes in ((True, list(program.nodes())), (False, outcomes(program))):
        step = Runner(any_backend, program, draws, 2, "float64", trace=trace).advance()
        for node in nodes:
            array = node.read(step)
            if node.kind == "decayed" and any_backend.name not in ("numpy", "chainer"):
                # PyTorch decays inside its optimizers, and so may another.
                assert array is None or any_backend.name != "torch"
                continue
            assert array is not None, f"{node} in {any_backend.name}"
            if node.kind != "scheduled":
                assert array.shape == program.shapes[node.of], f"{node} in {any_backend.name}"


def test_every_kind_of_node_has_a_phase_and_its_place_in_results_and_pages() -> None:
    program, draws = recorded(everything)
    kinds = set(get_args(NodeKind))
    assert PHASES.keys() == kinds
    assert {node.kind for node in program.nodes()} == kinds
    assert KINDS.keys() == {node.kind for node in outcomes(program)}
    step = Runner(load_backend("numpy"), program, draws, 2, "float64", trace=True).advance()
    update = Updates(program, draws, 2).follow(lambda: step)
    nodes = (*program.nodes(), program.loss_gradient)
    assert tensors_of(nodes, update).keys() <= kinds_of(program).keys()


def test_a_node_is_the_result_of_its_call_or_rule_at_its_position() -> None:
    program, draws = recorded(everything)
    step = Runner(load_backend("numpy"), program, draws, 2, "float64", trace=True).advance()
    positions = {str(node): program.position_of(node) for node in program.nodes()}
    assert positions["v_w"] == 1
    assert {name: place for name, place in positions.items() if place} == {"v_w": 1}
    assert np.array_equal(step.state["mean"], step.values["new_mean"])


@pytest.mark.parametrize("backend", BUILT_IN)
def test_the_memory_of_an_update_is_freed_without_looking_for_circles(backend: str) -> None:
    """Python looks for circles now and then only, and an update's arrays may be large."""
    program, draws = recorded(everything)

    def left_behind(updates: int) -> int:
        runner = Runner(load_backend(backend), program, draws, updates, "float64", trace=True)
        gc.collect()
        gc.disable()
        try:
            for _ in range(updates):
                runner.advance()
            return gc.collect()
        finally:
            gc.enable()

    left_behind(2)  # what is made once
    assert left_behind(2) == left_behind(12)
