"""The code map is the backends' source under the scenario's names: executed, its NumPy lines train like the backend."""

import html
import re
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from lockstep.draws import draw
from lockstep.loading import built_in_scenarios, hand_written_ops, load_backend
from lockstep.record import record
from lockstep.stepping import Runner
from reports.code_map import COLUMNS, MapRow, code_map, known_ops, op_sources
from reports.map_drawing import draw_map, draw_op


def rows_of(name: str) -> dict[str, MapRow]:
    """The rows of a scenario's map by title, calls numbered."""
    return {f"{i} {row.title}": row for i, row in enumerate(mapped(name))}


def mapped(name: str) -> list[MapRow]:
    scenario = built_in_scenarios()[name]
    draws = draw(scenario, scenario.dtype)
    return code_map(record(scenario, next(draws.batches(1)), draws.weights, hand_written_ops(())))


def test_the_articles_network_reads_as_a_learner_would_write_it() -> None:
    rows = rows_of("two_layer")
    assert rows["0 op.matmul"].cells == (
        ["h = x @ w1"],
        ["grad_w1 = x.T @ grad_h"],
        ["h = F.matmul(x, w1)"],
        ["h = x @ w1"],
    )
    assert rows["1 op.relu"].cells == (
        ["h_r = np.maximum(h, 0)"],
        ["grad_h = np.where(h > 0, grad_h_r, 0)"],
        ["h_r = F.relu(h)"],
        ["h_r = F.relu(h)"],
    )
    assert rows["2 op.matmul"].cells[1] == ["grad_h_r = grad_y_p @ w2.T", "grad_w2 = h_r.T @ grad_y_p"]
    assert rows["4 optimizer sgd"].cells[0] == ["w1 = w1 - 0.0001 * grad_w1", "w2 = w2 - 0.0001 * grad_w2"]
    assert rows["4 optimizer sgd"].cells[3] == ["optimizer = torch.optim.SGD([w1, w2], lr=0.0001)"]
    assert [
        rows[f"{5 + i} loop: {part}"].cells[2:] for i, part in enumerate(("clear gradients", "backward", "step"))
    ] == [
        (["model.cleargrads()"], ["optimizer.zero_grad()"]),
        (["loss.backward(retain_grad=False)"], ["loss.backward()"]),
        (["optimizer.update()"], ["optimizer.step()"]),
    ]


def test_a_gradient_of_a_tensor_used_twice_is_added_up() -> None:
    lines = [line for row in mapped("residual_shared") for line in row.cells[1]]
    assert "grad_w = grad_w + x.T @ grad_matmul_1" in lines
    assert "grad_h = grad_h + grad_matmul_2 @ w.T" in lines
    assert not any("+=" in line for line in lines)


@pytest.mark.parametrize("name", built_in_scenarios())
def test_the_numpy_lines_of_the_map_train_exactly_like_the_backend(name: str) -> None:
    """Forward downwards, backward upwards, then the optimizer's lines: two updates, bit for bit."""
    scenario = built_in_scenarios()[name]
    draws = draw(scenario, scenario.dtype)
    program = record(scenario, next(draws.batches(1)), draws.weights, hand_written_ops(()))
    rows = code_map(program)
    calls, optimizer = rows[: len(program.calls)], rows[len(program.calls)]
    (seed_gradient,) = next(row.cells[0] for row in rows if row.title == "loop: backward")
    straight_lines = [line for row in calls for line in row.cells[0]]
    straight_lines.append(seed_gradient)
    straight_lines += [line for row in reversed(calls) for line in row.cells[1]]
    straight_lines += optimizer.cells[0]

    tensors: dict[str, Any] = {**vars(numpy_manual), **{n: array.copy() for n, array in draws.weights.items()}}
    rule = getattr(numpy_manual, program.optimizer.op)
    for slot in numpy_manual._state_names(rule):
        tensors |= {f"{slot}_{weight}": np.zeros_like(draws.weights[weight]) for weight in program.weights}
    runner = Runner(load_backend("numpy"), program, draws, 2, scenario.dtype)
    for _, batch in zip(range(2), draws.batches(2), strict=False):
        tensors |= batch
        exec("\n".join(straight_lines), tensors)
        step = runner.advance()
        for weight in program.weights:
            np.testing.assert_array_equal(tensors[weight], step.weights[weight])
            np.testing.assert_array_equal(tensors[f"grad_{weight}"], step.grads[weight])


def test_every_op_of_the_map_can_be_read_with_its_formula() -> None:
    for name in known_ops():
        drawn = draw_op(op_sources(name), colour=False, width=120)
        assert drawn.count(f"def {name}(") == 3
        assert '"""' in drawn


@pytest.mark.parametrize("width", [100, 200])
def test_nothing_of_the_code_is_cut_off_at_any_width(width: int) -> None:
    rows = mapped("two_layer")
    drawn = draw_map("two_layer", rows, "text", width=width)
    for row in rows:
        for line in (line for cell in row.cells for line in cell):
            for word in line.split():
                assert word in drawn or len(word) > 30


def test_markdown_and_html_hold_every_line() -> None:
    rows = mapped("digits")
    markdown, page = draw_map("digits", rows, "github"), draw_map("digits", rows, "html")
    assert all(column in page for column in COLUMNS)
    text = html.unescape(_without_tags(page))
    for row in rows:
        for line in (line for cell in row.cells for line in cell):
            assert line.strip() in markdown
            assert line in text


def _without_tags(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)
