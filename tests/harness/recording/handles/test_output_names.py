"""Every output of an op has a name of its own, whatever the caller does with the outputs."""

import keyword
import linecache
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backends import numpy_manual
from backends.contract import Program
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.handles.names import TensorNames
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from scenarios import momentum, param, randn, scenario

DRAWS: dict[str, Any] = {"x": randn(4, 6), "y": randn(4, 2), "w": param(6, 6)}
HEAD = "def written(op, x, y, w):\n    s, kept, me = {}, [], Namespace()\n    p = op.matmul(x, w)\n"
SPLIT = "op.split(p, sections=3, axis=1)"
LOSS = "    return op.mean_squared_error({}, y)\n"


class PlainOps:
    """The hand-written ops without a recorder: what the scenario's function computes from arrays."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *inputs, **chosen: getattr(numpy_manual, name)(*inputs, **chosen)[0]


def function_of(source: str) -> Callable[..., Any]:
    """The function `written` of a source, which its frames can read like that of a file."""
    filename = f"<written {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"Namespace": SimpleNamespace}
    exec(compile(source, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace["written"]
    return function


def check(source: str) -> Program:
    """Record a function; its program has a name for every output, and computes what the function does."""
    function = function_of(source)
    defined = scenario(seed=1, epochs=1, optimizer=momentum(lr=0.1, momentum=0.9), **DRAWS)(function)
    draws = draw_arrays(defined, "float64")
    program = record_program(defined, draws, hand_written_ops(()))
    named = [*program.data, *program.weights, *program.values]
    assert len(set(named)) == len(named), source
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in named), source
    arrays = {**next(draws.batches(1)), **draws.weights}
    assert program.forward(PlainOps(), arrays)[program.loss] == function(PlainOps(), **arrays), source
    return program


def names(lines: str, used: str) -> tuple[str, ...]:
    """What the three outputs of the first split are called."""
    source = HEAD + "".join(f"    {line}\n" for line in lines.split("\n")) + LOSS.format(used)
    return next(call.outputs for call in check(source).calls if call.op == "split")


@pytest.mark.parametrize(
    ("lines", "used", "named"),
    [
        (f'h, s["m"], s["v"] = {SPLIT}', 's["v"]', ("h", "m", "v")),
        (f'[h, (s["m"]), me.v] = {SPLIT}', "me.v", ("h", "m", "v")),
        (f"me.a, me.b, me.a = {SPLIT}", "me.a", ("a", "b", "a_2")),
        (f"h, h, h = {SPLIT}", "h", ("h", "h_2", "h_3")),
        (f's["x"], s["relu"], s["loss"] = {SPLIT}', 's["x"]', ("x_2", "relu_1", "loss")),
        (f's["class"], s["a b"], s[1] = {SPLIT}', "s[1]", ("split_1", "split_2", "split_3")),
        (f's["lr"], s["v_w"], s["grad_p"] = {SPLIT}', 's["v_w"]', ("split_1", "split_2", "split_3")),
        (f's[""], s["__debug__"], s["ﬁ"] = {SPLIT}', 's["ﬁ"]', ("split_1", "split_2", "split_3")),
        (f"_, __, c = {SPLIT}", "c", ("split_1", "split_2", "c")),
        (f"h, *rest = {SPLIT}", "rest[1]", ("h", "split_1", "split_2")),
        (f"*rest, c = {SPLIT}", "rest[0]", ("split_1", "split_2", "c")),
        (f"h, *rest, c = {SPLIT}", "rest[0]", ("h", "split_1", "c")),
        (f"a, b, c, *rest = {SPLIT}", "c", ("a", "b", "c")),
        (f"h = {SPLIT}", "h[2]", ("split_1", "split_2", "split_3")),
        (f"kept.append({SPLIT})", "kept[0][1]", ("split_1", "split_2", "split_3")),
        (f"kept += {SPLIT}", "kept[1]", ("split_1", "split_2", "split_3")),
        (f"kept[:] = {SPLIT}", "kept[1]", ("split_1", "split_2", "split_3")),
        (f's["h"] = {SPLIT}', 's["h"][0]', ("split_1", "split_2", "split_3")),
        (f's = {{"h": {SPLIT}}}', 's["h"][0]', ("split_1", "split_2", "split_3")),
        (f"h = a, b, c = {SPLIT}", "h[0]", ("a", "b", "c")),
        (f"(h := {SPLIT})", "h[1]", ("split_1", "split_2", "split_3")),
        (f"(a, b, c), d = {SPLIT}, op.relu(x)", "c", ("a", "b", "c")),
        (f"d, [a, b, c] = [op.relu(x), {SPLIT}]", "c", ("a", "b", "c")),
        (f"a, b, c, d = *{SPLIT}, op.relu(x)", "c", ("split_1", "split_2", "split_3")),
        (f"a, b, c = tuple({SPLIT})", "c", ("split_1", "split_2", "split_3")),
        (f"a, b, c = reversed({SPLIT})", "c", ("split_1", "split_2", "split_3")),
        (f"for a, b, c in [{SPLIT}]: pass", "c", ("split_1", "split_2", "split_3")),
        (f"(kept,) = [{SPLIT} for _ in range(1)]", "kept[2]", ("split_1", "split_2", "split_3")),
        (f"def block(p):\n    return {SPLIT}\nh, s['m'], me.v = block(p)", "h", ("h", "m", "v")),
        (f"def block(p):\n    return {SPLIT}\ns['h'] = block(p)", "s['h'][0]", ("split_1", "split_2", "split_3")),
        (f"block = lambda p: {SPLIT}\na, b, c = block(p)", "b", ("a", "b", "c")),
    ],
)
def test_the_names_of_several_outputs(lines: str, used: str, named: tuple[str, ...]) -> None:
    assert names(lines, used) == named


@pytest.mark.parametrize(
    ("line", "used", "named"),
    [
        ('s["h"] = op.relu(p)', 's["h"]', "h"),
        ("me.h = op.relu(p)", "me.h", "h"),
        ('s = {"h": op.relu(p)}', 's["h"]', "h"),
        ('s = {**s, "h": op.relu(p)}', 's["h"]', "h"),
        ('s["x"] = op.relu(p)', 's["x"]', "x_2"),
        ("s[0] = op.relu(p)", "s[0]", "relu_1"),
        ('s["h", 1] = op.relu(p)', 's["h", 1]', "relu_1"),
        ("_ = op.relu(p)", "_", "relu_1"),
        ('s["h"] = h = op.relu(p)', "h", "h"),
    ],
)
def test_the_name_of_one_output(line: str, used: str, named: str) -> None:
    halves = f"    a, b = op.split({used}, sections=(2,), axis=1)\n"
    assert check(f"{HEAD}    {line}\n{halves}{LOSS.format('a')}").calls[1].outputs == (named,)


def test_outputs_in_a_loop_are_numbered_on() -> None:
    lines = f'    for _ in range(3):\n        h, s["m"], kept = {SPLIT}\n        p = op.add(p, p)\n'
    program = check(HEAD + lines + LOSS.format('s["m"]'))
    assert [call.outputs for call in program.calls if call.op == "split"] == [
        ("h", "m", "kept"),
        ("h_2", "m_2", "kept_2"),
        ("h_3", "m_3", "kept_3"),
    ]


PLACES = ("h", "c", "x", "relu", "_", 's["h"]', 's["x"]', 's["lr"]', 's["not so"]', "s[0]", "me.h", "me.w", "me.loss")
SHAPES = (
    "{0}, {1}, {2} = SPLIT",
    "[{0}, ({1}), {2}] = SPLIT",
    "{0}, *{1} = SPLIT",
    "*{0}, {1} = SPLIT",
    "{0} = SPLIT",
    "{0} = {1}, {2}, *{3} = SPLIT",
    "kept.append(SPLIT)",
    "kept.extend(SPLIT)",
    "({0}, {1}, {2}), {3} = SPLIT, op.relu(p)",
    "{3}, {0} = op.relu(p), SPLIT",
    '{0} = {{"h": SPLIT, "c": op.relu(p)}}',
    "for {0}, {1}, {2} in (SPLIT, SPLIT): {3} = op.relu(p)",
    "kept += [SPLIT for _ in range(2)]",
    "{0}, {1}, {2} = block(op, p)",
    "kept.append(block(op, p))",
    "{0} = block(op, p)",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(SHAPES), st.permutations(PLACES)), min_size=1, max_size=4))
@example([(SHAPES[4], PLACES), (SHAPES[4], PLACES)])
def test_no_two_tensors_of_a_program_have_one_name(lines: list[tuple[str, tuple[str, ...]]]) -> None:
    """Whatever is written, the program has as many names as tensors, and computes what the function does."""
    block = f"def block(op, p):\n    return {SPLIT}\n"
    filled = [f"    {shape.format(*places)}\n".replace("SPLIT", SPLIT) for shape, places in lines]
    source = block + HEAD + "".join(filled)
    check(source + f"    kept = {SPLIT}\n" + LOSS.format("op.add(kept[0], op.add(kept[1], kept[2]))"))


def test_a_name_that_two_tensors_would_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the naming ever fail, the program is not recorded wrongly."""
    monkeypatch.setattr(TensorNames, "_free", lambda self, name, taken, always_numbered: "same")
    with pytest.raises(InputError, match=r"two tensors have one name: op\.split is to give same, same, same"):
        check(f"{HEAD}    kept.append({SPLIT})\n{LOSS.format('kept[0][0]')}")
