"""What the shapes of a program's tensors decide in its lines."""

from pathlib import Path

import pytest

from backends.vocabulary import BUILT_IN
from reports.source.code_map import code_map
from reports.source.columns.shapes import KnownShapes
from scenarios import param, randn, scenario, sgd
from tests.reports.source.test_code_map import recorded

SHAPES = {"x": (4, 3), "grad_x": (4, 3), "y": (2, 4, 3), "grad_y": (2, 4, 3), "b": (3,), "column": (4, 1), "n": ()}
SHAPES["nothing"] = (2, 3, 0)


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("_sum_to_shape(grad_x, x.shape)", "grad_x"),
        ("_sum_to_shape(grad_x, b.shape)", "np.sum(grad_x, axis=0)"),
        ("_sum_to_shape(grad_x * x, b.shape)", "np.sum(grad_x * x, axis=0)"),
        ("_sum_to_shape(grad_y, column.shape)", "np.sum(grad_y, axis=(0, 2)).reshape(column.shape)"),
        ("_sum_to_shape(-grad_x, n.shape)", "np.sum(-grad_x, axis=(0, 1))"),
        ("_sum_to_shape(y @ np.swapaxes(x, -1, -2), n.shape)", "np.sum(y @ np.swapaxes(x, -1, -2), axis=(0, 1, 2))"),
        ("_sum_to_shape(unknown, x.shape)", None),
        ("2 * _sum_to_shape(grad_x + x, x.shape)", "2 * (grad_x + x)"),
        ("_repeat_to_shape(n, x.shape, None)", "np.broadcast_to(n, x.shape)"),
        ("_repeat_to_shape(b, x.shape, 0)", "np.broadcast_to(np.expand_dims(b, 0), x.shape)"),
        ("_repeat_to_shape(column, x.shape, 1)", "np.broadcast_to(column, x.shape)"),
        ("rows_of(x).T @ rows_of(grad_x)", "x.T @ grad_x"),
        ("rows_of(y).T", "y.reshape(-1, y.shape[-1]).T"),
        ("rows_of(nothing)", "nothing.reshape(math.prod(nothing.shape[:-1]), nothing.shape[-1])"),
        ("rows_of(unknown)", None),
        ("(x + b) / 1 * n", "(x + b) * n"),
        ("n * x ** (2 - 1)", "n * x"),
        ("n * x ** (3 - 1)", "n * x ** 2"),
        ("x ** (0.5 - 1)", "x ** -0.5"),
        ("y[(slice(None),) * (1 % y.ndim) + (slice(0, 4),)]", "y[:, 0:4]"),
        ("y[(slice(None),) * (-1 % y.ndim) + (0,)]", "y[:, :, 0]"),
        ("np.sum(x, axis=None, keepdims=False)", "np.sum(x)"),
        ("torch.sum(x, dim=1, keepdim=False)", "torch.sum(x, dim=1)"),
        ("np.sum(x, axis=None, keepdims=True)", "np.sum(x, keepdims=True)"),
        ("torch.sum(x, dim=None, keepdim=False)", "torch.sum(x)"),
        ("torch.sum(x, dim=None, keepdim=True)", None),
        ("np.squeeze(x, axis=None)", None),
        ("unknown[(slice(None),) * (1 % unknown.ndim) + (0,)]", None),
    ],
)
def test_a_call_becomes_what_it_does_for_these_shapes(written: str, short: str | None) -> None:
    lines, values = KnownShapes(BUILT_IN["numpy"], SHAPES).shortened([f"new = {written}"], [written])
    assert values == [short or written]
    assert lines == ([] if short == "grad_x" else [f"new = {short or written}"])


def test_a_name_that_only_stands_for_another_is_left_out() -> None:
    known = KnownShapes(BUILT_IN["numpy"], SHAPES)
    assert known.shortened(["rows = rows_of(x)"], ["rows.T @ rows"]) == ([], ["x.T @ x"])
    changed = ["rows = rows_of(x)", "rows[0] = 1"]
    assert known.shortened(changed, ["rows"]) == (["rows = x", "rows[0] = 1"], ["rows"])
    assert known.shortened(["rows = x", "x = x + 1"], ["rows"]) == (["rows = x", "x = x + 1"], ["rows"])
    assert known.shortened(["x = x + 1", "rows = x"], ["rows"]) == (["x = x + 1"], ["x"])


@pytest.mark.parametrize("shape", ["(1,) * (3 - x.ndim) + x.shape", "(1,) * (3 - x.ndim) + (4, 3)"])
def test_a_shape_is_no_index(shape: str) -> None:
    lines = [f"shape = {shape}", "x = x.reshape(shape)"]
    assert KnownShapes(BUILT_IN["numpy"], SHAPES).shortened(lines, ["x"]) == (lines, ["x"])


def test_an_index_that_reads_a_length_is_left_to_every_batch() -> None:
    index = "(slice(None),) * (1 % x.ndim) + (slice(0, x.shape[0]),)"
    assert KnownShapes(BUILT_IN["numpy"], SHAPES).shortened([f"i = {index}"], ["x[i]"]) == ([f"i = {index}"], ["x[i]"])


HELPERS = """
def _padded(x, shape):
    if x.shape == shape:
        return x
    axes = tuple(range(x.ndim - len(shape)))
    lengths = tuple(given for given, wanted in zip(x.shape, shape) if given != wanted)
    return {returned}
"""


@pytest.mark.parametrize(
    ("returned", "short"),
    [
        ("np.sum(x, axis=axes)", "np.sum(y, axis=0)"),
        ("np.pad(x, lengths)", None),
        ("np.pad(x, [length + 1 for length in lengths])", None),
    ],
)
def test_what_a_helper_finds_out_is_written_unless_it_is_a_length(
    returned: str, short: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"pads_{len(returned)}.py").write_text(HELPERS.format(returned=returned))
    monkeypatch.syspath_prepend(tmp_path)
    known = KnownShapes(f"pads_{len(returned)}", SHAPES)
    call = "_padded(y, x.shape)"
    assert known.shortened([], [call]) == ([], [short or call])


def test_an_index_that_is_known_stands_where_it_is_read() -> None:
    known = KnownShapes(BUILT_IN["numpy"], SHAPES)
    index = "index = (slice(None),) * (1 % x.ndim) + (slice(0, 2),)"
    assert known.shortened([index], ["x[index]"], keep_names=True) == ([], ["x[:, 0:2]"])
    backward = ["new = np.zeros_like(x)", "new[index] = n", "np.add.at(new, index, n)"]
    written = ["new = np.zeros_like(x)", "new[:, 0:2] = n", "np.add.at(new, np.s_[:, 0:2], n)"]
    assert known.shortened(backward, ["new"]) == (written, ["new"])


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(1, 3), w=param(3, 2), b=param(1, 2))
def of_one_row(op, x, w, b):  # type: ignore[no-untyped-def]
    """Of one row nobody can tell what would be summed in a batch of more."""
    return op.reduce_mean(op.matmul(x, w) + b)


def test_a_first_batch_of_one_row_decides_nothing() -> None:
    (row,) = (row for row in code_map(recorded(of_one_row)[0]) if row.name == "add")
    assert row.cells[1][-1] == "grad_b = _sum_to_shape(grad_add_1, b.shape)"
