"""What tensors are called in a user's program: by the one variable that a statement assigns the one result to."""

from dataclasses import replace
from pathlib import Path

from harness.comparing.pairing.naming import assigned_at, names_of
from tests.harness.comparing.one_update.passes import Building

PROGRAM = """h = f(x)
y = g(
    h
)
a = b = f(y)
c, d = f(y)
self.e = f(y)
"""


def test_the_variable_of_a_statement_is_known_on_each_of_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    assigned = [assigned_at(f"{file}:{line}") for line in range(1, 9)]
    assert assigned == ["h", "y", "y", "y", "", "", "", ""]
    assert assigned_at("") == assigned_at(f"{file}:") == ""
    file = tmp_path / "broken.py"
    file.write_text("h = f(x\n")
    assert assigned_at(f"{file}:1") == ""


def test_of_several_calls_on_a_line_the_last_one_is_assigned_if_it_has_one_result(tmp_path: Path) -> None:
    file = tmp_path / "calls.py"
    file.write_text(PROGRAM)
    side = Building()
    data = side.leaf([1.0])
    inner = side.call("g", (data,), [2.0])
    outer = side.call("f", (inner,), [3.0])
    last = side.call("g", (outer,), [4.0])
    places = [f"{file}:1", f"{file}:1", f"{file}:2"]
    side.captured.calls = [replace(call, place=place) for call, place in zip(side.captured.calls, places, strict=True)]
    assert names_of(side.captured) == {data: f"x{data}", outer: "h", last: "y"}
    side.captured.calls[2] = replace(side.captured.calls[2], outputs=(last, side.leaf([5.0])))
    assert last not in names_of(side.captured)
