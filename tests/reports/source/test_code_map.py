"""The code map is the backends' source under the scenario's names: executed, its NumPy lines train like the backend."""

import html
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Program
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.runner import Runner
from reports.source.code_map import COLUMNS, MapRow, code_map, names_in_map, op_names, op_sources
from reports.source.names import ProgramNames
from reports.text.code_map import render_map
from reports.text.console import render_op
from scenarios import Scenario

AWKWARD = """
from scenarios import buffer, clip_by_norm, group, momentum, param, randn, scenario, sgd

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 3), w=param(3, 3))
def loss_called_cost(op, x, y, w):
    loss = op.matmul(x, w)
    cost = op.mean_squared_error(loss, y)
    return cost

@scenario(
    seed=1, epochs=2, optimizer=sgd(lr=0.1), np=randn(4, 3), t=randn(4, 3), grad=param(3, 3), loss_1=param(3)
)
def names_of_modules(op, np, t, grad, loss_1):
    y = op.matmul(np, grad)
    F = op.relu(y)
    return op.mean_squared_error(op.add(F, loss_1), t)

@scenario(
    seed=1, epochs=2, optimizer=momentum(lr=0.1, momentum=0.9),
    grad_w=randn(4, 3), v_w=randn(4, 3), w=param(3, 3), model=param(3), chainer=param(3), torch=param(3),
)
def names_of_the_loop(op, grad_w, v_w, w, model, chainer, torch):
    grads = op.matmul(grad_w, w)
    optimizer = op.add(grads, model)
    difference = op.add(op.add(optimizer, chainer), torch)
    return op.mean_squared_error(difference, v_w)

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 3), w=param(3, 3))
def used_twice(op, x, y, w):
    h = op.matmul(x, w)
    z = op.add(h, h)
    return op.mean_squared_error(op.add(z, h), y)

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(3, 3), x_2=param(4, 3))
def twice_in_the_loss(op, x, w, x_2):
    h = op.matmul(x, w)
    unused = op.relu(h)
    return op.mean_squared_error(op.add(h, x_2), h)

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 12), w=param(3, 3), b=param(4, 3))
def several(op, x, y, w, b):
    h = op.matmul(x, w)
    joined = op.concatenate(h, x, h, b, axis=1)
    left, unused, right = op.split(joined, sections=(5, 7), axis=1)
    stacked = op.stack(h, b, op.tanh(h), axis=0)
    alone = op.concatenate(op.reshape(op.transpose(stacked, axes=(1, 0, 2)), shape=(4, 9)), axis=1)
    last = op.add(op.slice_axis(right, start=1, stop=4, axis=1), op.select(stacked, index=-1, axis=0))
    return op.mean_squared_error(op.concatenate(alone, last, axis=1), op.add(y, op.reduce_mean(left)))

@scenario(
    seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), g=param(3, fill=1.0), c=param(3), m=buffer(3, fill=0.0),
    v=buffer(3, fill=1.0), w_x=param(3, 12), w_h=param(3, 12), b=param(12),
)
def names_of_keys(op, x, g, c, m, v, w_x, w_h, b):
    new, states = {}, [(x, x)]
    h, new["m"], new["v"] = op.batch_norm(x, g, c, m, v, eps=1e-5, momentum=0.1)
    for _ in range(2):
        states.append(op.lstm(h, *states[-1], w_x, w_h, b))
    new["np"], new["print"], *rest = op.split(states[-1][1], sections=3, axis=1)
    return op.mean_squared_error(op.add(new.pop("np"), new.pop("print")), rest[0]), new

@scenario(
    seed=1, epochs=3, optimizer=sgd(lr=0.1), clipping=clip_by_norm(max_norm=0.1), groups=[group("b", trained_from=3)],
    x=randn(4, 3), y=randn(4, 2), w=param(3, 2), b=param(2),
)
def clipped_without_those_trained_later(op, x, y, w, b):
    return op.mean_squared_error(op.linear(x, w, b), y)
"""
EPOCHS = 9
"""Of which a few updates are run."""
ONCE = ("clipping ", "schedule ", "decay ", "optimizer ")
"""Titles of the rows that stand between backward and the loop's."""
AWKWARD_NAMES = (
    *("loss_called_cost", "names_of_modules", "names_of_the_loop"),
    *("used_twice", "twice_in_the_loss", "several", "names_of_keys", "clipped_without_those_trained_later"),
)


@pytest.fixture
def find(tmp_path: Path) -> Callable[[str], Scenario]:
    """Return a function that finds a scenario among the built-in and the awkward ones."""
    file = tmp_path / "awkward.py"
    file.write_text(AWKWARD)

    def found(name: str) -> Scenario:
        return find_scenarios([f"{file}:{name}" if name in AWKWARD_NAMES else name])[0]

    return found


def rows_of(name: str) -> dict[str, MapRow]:
    """The rows of a scenario's map by title, calls numbered."""
    return {f"{i} {row.title}": row for i, row in enumerate(mapped(name))}


def recorded(scenario: Scenario) -> tuple[Program, Draws]:
    draws = draw_arrays(scenario, scenario.dtype)
    return record_program(scenario, draws, hand_written_ops(())), draws


def mapped(name: str) -> list[MapRow]:
    return code_map(recorded(built_in_scenarios()[name])[0])


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
        (["loss.backward()"], ["loss.backward()"]),
        (["optimizer.update()"], ["optimizer.step()"]),
    ]


def test_a_gradient_of_a_tensor_used_twice_is_added_up() -> None:
    lines = [line for row in mapped("residual_shared") for line in row.cells[1]]
    assert "grad_w = grad_w + x.T @ grad_matmul_1" in lines
    assert "grad_h = grad_h + grad_matmul_2 @ w.T" in lines
    assert not any("+=" in line for line in lines)


def test_a_tensor_used_twice_by_one_op_is_added_up(find: Callable[[str], Scenario]) -> None:
    """Upwards: z + h gives its gradient to h first, h + h adds to it twice."""
    rows = code_map(recorded(find("used_twice"))[0])
    assert [row.cells[0] for row in rows[:3]] == [["h = x @ w"], ["z = h + h"], ["add_1 = z + h"]]
    assert [row.cells[1] for row in rows[1:3]] == [
        ["grad_h = grad_h + grad_z", "grad_h = grad_h + grad_z"],
        ["grad_z = grad_add_1", "grad_h = grad_add_1"],
    ]


def test_several_inputs_or_outputs_of_an_op_are_written_at_once(find: Callable[[str], Scenario]) -> None:
    rows = code_map(recorded(find("several"))[0])
    joined, divided = rows[1], rows[2]
    assert joined.cells == (
        ["joined = np.concatenate((h, x, h, b), axis=1)"],
        [
            "grad_h_2, _, grad_h_3, grad_b_2 = "
            "np.split(grad_joined, np.cumsum([x_2.shape[1] for x_2 in (h, x, h, b)])[:-1], axis=1)",
            "grad_h = grad_h + grad_h_2",
            "grad_h = grad_h + grad_h_3",
            "grad_b = grad_b + grad_b_2",
        ],
        ["joined = F.concat((h, x, h, b), axis=1)"],
        ["joined = torch.cat((h, x, h, b), dim=1)"],
    )
    assert divided.cells == (
        ["left, unused, right = np.split(joined, (5, 7), axis=1)"],
        [
            "grad_unused = np.zeros_like(unused)",
            "grad_joined = np.concatenate((grad_left, grad_unused, grad_right), axis=1)",
        ],
        ["left, unused, right = F.split_axis(joined, (5, 7), 1)"],
        ["left, unused, right = torch.tensor_split(joined, (5, 7), dim=1)"],
    )


def test_only_a_gradient_that_is_read_is_set_to_zero() -> None:
    lines = [line for row in mapped("resnet_block") for line in row.cells[1]]
    assert not [line for line in lines if "zeros_like" in line]
    assert "grad_c_5 = np.zeros_like(c_5)" in [line for row in mapped("lstm_adding") for line in row.cells[1]]


def test_the_loop_speaks_of_the_scenarios_loss(find: Callable[[str], Scenario]) -> None:
    *_, backward, _ = code_map(recorded(find("loss_called_cost"))[0])
    assert backward.title == "loop: backward"
    assert backward.cells[0] == ["grad_cost = cost.dtype.type(1)"]
    assert backward.cells[2:] == (["cost.backward()"], ["cost.backward()"])


def test_modules_keep_their_names_and_variables_of_the_backends_do_not(find: Callable[[str], Scenario]) -> None:
    rows = code_map(recorded(find("names_of_modules"))[0])
    assert rows[0].cells[0] == ["y = np_2 @ grad"]
    assert rows[1].cells == (
        ["F_2 = np.maximum(y, 0)"],
        ["grad_y = np.where(y > 0, grad_F_2, 0)"],
        ["F_2 = F.relu(y)"],
        ["F_2 = F.relu(y)"],
    )
    rows = code_map(recorded(find("names_of_the_loop"))[0])
    assert rows[0].cells[1] == ["grad_w_2 = grad_w.T @ grad_grads"]
    clear, _, step = (row.cells for row in rows[-3:])
    assert clear == ([], [], ["model_2.cleargrads()"], ["optimizer_2.zero_grad()"])
    assert step[2:] == (["optimizer_2.update()"], ["optimizer_2.step()"])


@pytest.mark.parametrize("name", [*built_in_scenarios(), *AWKWARD_NAMES])
def test_the_numpy_lines_of_the_map_train_exactly_like_the_backend(name: str, find: Callable[[str], Scenario]) -> None:
    """Forward downwards, backward upwards, then the optimizer's lines: some updates, bit for bit."""
    program, draws = recorded(find(name))
    rows, named = code_map(program), names_in_map(program)
    calls, around = rows[: len(program.calls)], [row for row in rows if row.title.startswith(ONCE)]
    of_loop = {row.name: row.cells[0] for row in rows if row.kind == "loop"}
    straight_lines = [*of_loop["clear gradients"]]
    straight_lines += [line for row in calls for line in row.cells[0]]
    straight_lines += of_loop["backward"]
    straight_lines += [line for row in reversed(calls) for line in row.cells[1]]
    straight_lines += of_loop.get("thaw", [])
    straight_lines += [line for row in around for line in row.cells[0]]
    straight_lines += of_loop.get("carry", [])

    state = {
        called: np.full_like(draws.weights[weight], program.first_state[weight][slot])
        for (slot, weight), called in named.state.items()
    }
    weights = {named.tensors[name]: array.copy() for name, array in draws.weights.items()}
    tensors: dict[str, Any] = {**names_in(numpy_manual), **state, **weights}
    tensors |= {named.update: 0} if named.update else {}
    tensors |= {named.tensors[name]: array.copy() for name, array in program.buffers.items()}
    runner = Runner(load_backend("numpy"), program, draws, EPOCHS, find(name).dtype)
    for update, batch in zip(range(1, updates_of(program) + 1), draws.batches(EPOCHS), strict=False):
        tensors |= {named.tensors[name]: array for name, array in batch.items()} | at_update(program, named, update)
        exec("\n".join(straight_lines), tensors)
        step = runner.advance()
        for weight in program.weights:
            np.testing.assert_array_equal(tensors[named.tensors[weight]], step.weights[weight])
            if weight not in program.not_yet_trained(update):
                np.testing.assert_array_equal(tensors[named.gradients[weight]], step.grads[weight])


def updates_of(program: Program) -> int:
    """Two updates, or as many as there are up to the second one after the last weight is thawed, or the second step."""
    last = max(program.trained_later.values(), default=1)
    return max(2, program.epoch.first_update(last) + 1, 2 * program.epoch.batches_per_step)


def at_update(program: Program, named: ProgramNames, update: int) -> dict[str, Any]:
    """What whoever runs the lines knows of an update."""
    epoch = (update - 1) // len(program.epoch.rows) + 1
    known: dict[str, Any] = {named.epoch: epoch} if named.epoch else {}
    if program.epoch.accumulates:
        known |= {"is_first": program.epoch.begins_step(update), "is_last": program.epoch.ends_step(update)}
        known["share"] = program.epoch.share(update)
    return known


def names_in(backend: ModuleType) -> dict[str, Any]:
    """Every name of a backend's files, private ones too."""
    inside = f"{backend.__name__}."
    files = [vars(module) for name, module in sorted(sys.modules.items()) if name.startswith(inside)]
    return {name: value for names in [*files, vars(backend)] for name, value in names.items()}


def chainer_tensor(array: Array, *, trained: bool) -> Any:
    chainer = load_backend("chainer").module.chainer
    return chainer.Parameter(array.copy()) if trained else chainer.as_variable(array)


def chainer_model(weights: dict[str, Any]) -> Any:
    model = load_backend("chainer").module.chainer.Chain()
    with model.init_scope():
        for name, weight in weights.items():
            setattr(model, f"parameter_{name}", weight)
    return model


def torch_tensor(array: Array, *, trained: bool) -> Any:
    return load_backend("torch").module.torch.tensor(array, requires_grad=trained)


@pytest.mark.parametrize("framework", ["chainer", "torch"])
@pytest.mark.parametrize("name", [*built_in_scenarios(), *AWKWARD_NAMES])
def test_a_frameworks_lines_of_the_map_train_exactly_like_the_backend(
    name: str, framework: str, find: Callable[[str], Scenario]
) -> None:
    """The optimizer's line once, then forward, clear gradients, backward and step: some updates, bit for bit."""
    program, draws = recorded(find(name))
    rows, named = code_map(program), names_in_map(program)
    column = {"chainer": 2, "torch": 3}[framework]
    optimizer = [row for row in rows if row.title.startswith("optimizer ")]
    around = [row for kind in ("decay", "schedule") for row in rows if row.kind == kind]
    clipping = [row for row in rows if row.title.startswith("clipping ")]
    of_loop = {row.name: row.cells[column] for row in rows if row.kind == "loop"}
    at_first = [line for line in of_loop.get("thaw", []) if line.endswith("# at first")]
    before_clipping = [line for line in of_loop.get("thaw", []) if line.endswith("# before clipping")]
    in_loop = [line for line in of_loop.get("thaw", []) if line not in (*at_first, *before_clipping)]
    in_loop += of_loop["clear gradients"]
    in_loop += [line for row in rows[: len(program.calls)] for line in row.cells[column]]
    in_loop += [*of_loop["backward"], *before_clipping]
    in_loop += [*(line for row in clipping for line in row.cells[column]), *of_loop["step"]]
    in_loop += of_loop.get("carry", [])
    backend = load_backend(framework)
    tensor = chainer_tensor if framework == "chainer" else torch_tensor
    weights = {named.tensors[name]: tensor(array, trained=True) for name, array in draws.weights.items()}
    tensors: dict[str, Any] = {**names_in(backend.module), **weights}
    tensors |= {named.tensors[name]: tensor(array, trained=False) for name, array in program.buffers.items()}
    tensors["model_2" if "model" in weights else "model"] = chainer_model(weights) if framework == "chainer" else None
    exec("\n".join([*(line for row in [*optimizer, *around] for line in row.cells[column]), *at_first]), tensors)
    if framework == "chainer" and program.schedule is not None:
        tensors["scheduler"].initialize(None)
    runner = Runner(backend, program, draws, EPOCHS, find(name).dtype)
    for update, batch in zip(range(1, updates_of(program) + 1), draws.batches(EPOCHS), strict=False):
        tensors |= {named.tensors[name]: tensor(array, trained=False) for name, array in batch.items()}
        tensors |= at_update(program, named, update)
        after = of_loop.get("schedule", []) if program.moves_after(update) else []
        exec("\n".join([*in_loop, *after]), tensors)
        step = runner.advance()
        for weight in program.weights:
            trained = tensors[named.tensors[weight]]
            array = trained.array if framework == "chainer" else trained.detach().numpy()
            np.testing.assert_array_equal(array, step.weights[weight])


def test_every_op_of_the_map_can_be_read_with_its_formula() -> None:
    for name in op_names():
        rendered = render_op(op_sources(name), colour=False, width=120)
        assert rendered.count(f"def {name}(") == 3
        assert '"""' in rendered


@pytest.mark.parametrize("width", [100, 200])
def test_nothing_of_the_code_is_cut_off_at_any_width(width: int) -> None:
    rows = mapped("two_layer")
    rendered = render_map("two_layer", rows, "text", width=width)
    for row in rows:
        for line in (line for cell in row.cells for line in cell):
            for word in line.split():
                assert word in rendered or len(word) > 30


def test_markdown_and_html_hold_every_line() -> None:
    rows = mapped("digits")
    markdown, page = render_map("digits", rows, "github"), render_map("digits", rows, "html")
    assert all(column in page for column in COLUMNS)
    text = html.unescape(_without_tags(page))
    for row in rows:
        for line in (line for cell in row.cells for line in cell):
            assert line.strip() in markdown
            assert line in text


def _without_tags(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)
