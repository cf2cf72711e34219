"""Written arrays have NumPy's values, and each element equals the arithmetic that is written out for it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.op_inputs import MAKERS, inputs_of
from harness.numerics.written.nodes import Constant, Element, Elementwise, Input, Picked, Setting, Summed, Unwritten
from harness.numerics.written.written import Written
from tests.backends.computing import as_list

X = np.random.RandomState(0).standard_normal((3, 4))
Y = np.random.RandomState(1).standard_normal((3, 4))
W = np.random.RandomState(2).standard_normal((4, 2))
ROWS, COLUMNS = np.arange(3), np.array([1, 3, 1])


def assigned(x: Any, y: Any, w: Any) -> Any:
    z = x.copy()
    z[ROWS, COLUMNS] -= 1
    z[0] = y[2]
    z[1:, 0] = 7.0
    return z


def added_at(x: Any, y: Any, w: Any) -> Any:
    z = np.zeros_like(w)
    np.add.at(z, np.array([0, 2, 0]), y[:, :2])
    return z * 2


def put_along(x: Any, y: Any, w: Any) -> Any:
    z = np.zeros_like(x)
    np.put_along_axis(z, np.argmax(x, axis=1)[:, None], y[:, :1], 1)
    return z


def in_place(x: Any, y: Any, w: Any) -> Any:
    z = x * 1
    z += y
    z *= 2
    return z - x


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "matmul": lambda x, y, w: x @ w,
    "matmul of vectors": lambda x, y, w: x[0] @ w[:, 1],
    "vector times matrix": lambda x, y, w: x[0] @ w,
    "matrix times vector": lambda x, y, w: x @ w[:, 0],
    "stacked matmul": lambda x, y, w: np.stack([x, y]) @ w,
    "dot": lambda x, y, w: np.dot(x, w),
    "outer": lambda x, y, w: np.outer(x[0], y[1]),
    "einsum": lambda x, y, w: np.einsum("ij,jk->ki", x, w),
    "einsum of one": lambda x, y, w: np.einsum("ij->ji", x),
    "einsum of one to a row": lambda x, y, w: np.einsum("ij->j", x),
    "cumsum": lambda x, y, w: np.cumsum(x, axis=0) * np.cumsum(y, axis=-1),
    "cumsum of all": lambda x, y, w: np.cumsum(x),
    "einsum of three": lambda x, y, w: np.einsum("ij,ij,jk->k", x, y, w),
    "einsum without sum": lambda x, y, w: np.einsum("ij,kj->ikj", x, y),
    "einsum to a number": lambda x, y, w: np.einsum("ij,ij->", x, y),
    "arithmetic": lambda x, y, w: 2 * x - y / 3 + (-x) * y**2 - 1,
    "broadcasting": lambda x, y, w: x + y[0] - y[:, :1],
    "functions": lambda x, y, w: (
        np.exp(np.tanh(x)) + np.log(np.sqrt(np.abs(y))) + np.square(x) + np.power(np.abs(x), y)
    ),
    "comparisons": lambda x, y, w: (x > 0) * y + (x <= y) * x + np.sign(x),
    "where": lambda x, y, w: np.where((x > 0) & ~(y > 0), x, np.where(x != y, y, 0)),
    "maximum": lambda x, y, w: np.maximum(x, 0) + np.minimum(x, y),
    "clip": lambda x, y, w: np.clip(x, -0.5, 0.5) + y.clip(-1, 1),
    "sum": lambda x, y, w: np.sum(x * y),
    "sum over rows": lambda x, y, w: x.sum(axis=0) + np.add.reduce(y),
    "sum over columns": lambda x, y, w: np.sum(x, axis=-1, keepdims=True) * y,
    "sum over both": lambda x, y, w: np.sum(np.stack([x, y]), axis=(0, 2)),
    "mean": lambda x, y, w: x.mean(axis=1) + np.mean(y),
    "variance": lambda x, y, w: np.var(x, axis=0) + np.std(y, axis=0, ddof=1),
    "extremes": lambda x, y, w: np.max(x, axis=1, keepdims=True) - y.min(axis=0) + np.maximum.reduce(x),
    "indexing": lambda x, y, w: x[ROWS, COLUMNS] + y[1:, ::-1][1, 0] + x[None, :, 2][0],
    "masked": lambda x, y, w: x[x > 0] * 2,
    "assigned": assigned,
    "added at": added_at,
    "put along an axis": put_along,
    "in place": in_place,
    "reshaped": lambda x, y, w: x.reshape(2, 6).T.ravel() + np.reshape(y, -1),
    "axes": lambda x, y, w: np.moveaxis(np.stack([x, y], axis=1), 0, 2).swapaxes(0, 1).transpose(2, 0, 1),
    "dimensions": lambda x, y, w: np.squeeze(np.expand_dims(x, 1), 1) + np.broadcast_to(y[0], (3, 4)),
    "joined": lambda x, y, w: np.concatenate([x, y[:1], np.ones((1, 4))], axis=0),
    "split": lambda x, y, w: np.split(x, 2, axis=1)[1] * np.array_split(y, [2], axis=1)[0],
    "padded": lambda x, y, w: np.pad(x, ((1, 0), (0, 2))) + 1,
    "padded with a number": lambda x, y, w: np.pad(x, 1, constant_values=5.0),
    "padded by the edge": lambda x, y, w: np.pad(x, 1, mode="edge"),
    "turned": lambda x, y, w: np.flip(x, 1) + np.roll(y, 1, axis=0),
    "repeated": lambda x, y, w: np.repeat(x, 2, axis=0) + np.tile(y, (2, 1)),
    "taken": lambda x, y, w: np.take(x, [2, 0], axis=1) + np.take_along_axis(y, np.argsort(y, axis=1), 1)[:, :2],
    "triangles": lambda x, y, w: np.tril(x) + np.triu(y, 1),
    "diagonal": lambda x, y, w: np.diagonal(x) * 2,
    "windows": lambda x, y, w: np.lib.stride_tricks.sliding_window_view(x, (2, 2)).sum(axis=(-1, -2)),
    "filled": lambda x, y, w: np.ones_like(x) + np.full_like(y, 3.0) + x.astype("float32"),
    "shapes": lambda x, y, w: x / np.size(x) / np.shape(x)[0] / x.ndim / len(x) / y.size,
}


def recomputed(element: Element) -> Any:
    """The element from its leaves alone, which must be elements of the inputs or numbers."""
    node = element.node
    if isinstance(node, Input):
        return {"x": X, "y": Y, "w": W}[node.name][element.index]
    if isinstance(node, Constant):
        return element.value
    if isinstance(node, Elementwise):
        return node.function(*[np.asarray(recomputed(operand)) for operand in element.operands])
    assert isinstance(node, Summed | Picked)
    terms = [np.prod([recomputed(factor) for factor in element.term(k)]) for k in range(len(element.terms))]
    np.testing.assert_allclose(terms, element.terms, rtol=1e-12)
    return np.sum(terms) if isinstance(node, Summed) else getattr(np, node.name)(terms)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_numpys_and_every_element_can_be_recomputed(name: str) -> None:
    want = np.asarray(FUNCTIONS[name](X, Y, W))
    got = FUNCTIONS[name](*(Written(Input(n, a), "float64") for n, a in (("x", X), ("y", Y), ("w", W))))
    assert isinstance(got, Written)
    assert got.shape == want.shape
    np.testing.assert_array_equal(got.value, want)
    for index in np.ndindex(want.shape):
        assert recomputed(got.element(index)) == pytest.approx(float(want[index]), rel=1e-9, abs=1e-12), index


@pytest.mark.parametrize("op", MAKERS)
def test_every_op_computes_the_same_on_written_arrays(op: str) -> None:
    inputs, settings = inputs_of(op, np.random.RandomState(3))
    function: Callable[..., Any] = partial(getattr(numpy_manual, op), **settings)
    want, backward = function(*inputs)
    written: list[Any] = [Written(Input("x", a), "float64") if a.dtype.kind == "f" else a for a in inputs]
    got, written_backward = function(*written)
    for ours, theirs in zip(as_list(got), as_list(want), strict=True):
        np.testing.assert_array_equal(ours.value, theirs)
    random = np.random.RandomState(4)
    above = [np.asarray(random.standard_normal(np.shape(output))) for output in as_list(want)]
    written_above = [Written(Input(f"grad_y{i}", array), "float64") for i, array in enumerate(above)]
    for theirs, ours in zip(backward(*above), written_backward(*written_above), strict=True):
        if theirs is not None:
            pair: list[Any] = [value() if callable(value) else value for value in (theirs, ours)]
            np.testing.assert_array_equal(pair[1].value, pair[0])


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: np.cumprod(x), "np.cumprod"),
        (lambda x: np.add.accumulate(x), "np.add.accumulate"),
        (lambda x: np.add(x, 1, where=x > 0), "np.add with where"),
        (lambda x: np.pad(x, 1, mode="mean"), "np.pad with mode 'mean'"),
        (lambda x: np.einsum("ij,ij", x, x), "np.einsum without"),
        (lambda x: float(x[0, 0]), "float"),
        (lambda x: np.zeros(3) + np.asarray(x[:, 0]), "np.zeros_like"),
        (lambda x: x.cumprod(), "cumprod"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(function: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(Unwritten, match=says.replace(".", r"\.")):
        function(Written(Input("x", X), "float64"))


def test_a_setting_keeps_its_name_and_the_dtype_is_the_runs() -> None:
    x = Written(Input("x", X.astype(np.float32)), "float32")
    product = Setting("lr", 0.1) * x
    factor = product.element((0, 0)).operands[0].node
    assert isinstance(factor, Constant)
    assert factor.name == "lr"
    assert product.dtype == np.float32
    composed = (2 / (1 - Setting("momentum", 0.5) ** 2)) * x
    scale = composed.element((0, 0)).operands[0]
    assert isinstance(scale.node, Constant)
    assert (scale.node.name, scale.value) == ("(2 / (1 - (momentum ** 2)))", 2 / 0.75)
    assert (x > 0).dtype == np.bool_


def test_a_large_product_costs_one_node() -> None:
    x, w = (Written(Input(n, np.ones(shape)), "float32") for n, shape in (("x", (64, 1000)), ("w", (1000, 100))))
    element = (x @ w).element((3, 7))
    assert len(element.terms) == 1000
    assert [(factor.node, factor.index) for factor in element.term(999)] == [(x.node, (3, 999)), (w.node, (999, 7))]
