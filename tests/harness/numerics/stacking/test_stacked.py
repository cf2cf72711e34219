"""What is computed of several arrays at once is what is computed of each; or it is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import special
from backends.contract import Array
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Unsupported, or_zero
from harness.numerics.rounding import arithmetic
from harness.numerics.stacking.functions import Unstackable
from harness.numerics.stacking.numbers import Numbers
from harness.numerics.stacking.stacked import Stacked, all_of, as_array, read_only

COUNT = 3
RANDOM = np.random.RandomState(1)
X = RANDOM.randn(COUNT, 4, 5).astype(np.float32)
Y = RANDOM.randn(COUNT, 4, 5).astype(np.float32)
ROW = RANDOM.randn(COUNT, 5).astype(np.float32)
NUMBER = RANDOM.randn(COUNT).astype(np.float32)
LABELS = RANDOM.randint(0, 5, (COUNT, 4))
PLAIN = RANDOM.randn(4, 5).astype(np.float32)
IMAGES = RANDOM.randn(COUNT, 2, 3, 6, 6).astype(np.float32)

Compute = Callable[..., Any]


def assigned(x: Any, key: Any, value: Any) -> Any:
    new = np.copy(x)
    new[key] = value
    return new


def added_at(x: Any, key: Any, values: Any) -> Any:
    new = np.zeros_like(x)
    np.add.at(new, key, values)
    return new


def put(x: Any, indices: Any, values: Any) -> Any:
    new = np.copy(x)
    np.put_along_axis(new, indices, values, axis=1)
    return new


def changed_in_place(x: Any, y: Any) -> Any:
    new = x * 1
    view = new.reshape(-1)
    view *= 2
    new += y
    new -= 1.5
    new /= 3
    return new


ELEMENTWISE: dict[str, tuple[Compute, tuple[Array, ...]]] = {
    "x + y": (lambda x, y: x + y, (X, Y)),
    "x + row": (lambda x, row: x + row, (X, ROW)),
    "row * x": (lambda x, row: row * x, (X, ROW)),
    "x * number": (lambda x, number: x * number, (X, NUMBER)),
    "a plain array": (lambda x: PLAIN * x - PLAIN[0], (X,)),
    "numbers": (lambda x: 2 * x / 3.5 - (1 - x) ** 2, (X,)),
    "functions": (lambda x: np.exp(-np.abs(x)) + np.sqrt(np.abs(x)) + special.erf(x), (X,)),
    "where": (lambda x, row: np.where(x > row, x, 0), (X, ROW)),
    "where a number": (lambda x: np.where(x > 0, 1, x), (X,)),
    "clip": (lambda x: np.clip(x, -0.5, 0.5), (X,)),
    "maximum": (lambda x, row: np.maximum(x, row) - np.minimum(row, 0), (X, ROW)),
    "divmod": (lambda t: np.divmod(t, 2)[0] * 10 + np.divmod(t, 2)[1], (LABELS,)),
    "not": (lambda x: ~(x > 0) & (x < 1), (X,)),
    "astype": (lambda x: (x > 0).astype(np.float32) * x, (X,)),
    "in place": (changed_in_place, (X, Y)),
}
MOVED: dict[str, tuple[Compute, tuple[Array, ...]]] = {
    "transpose": (lambda x: x.T, (X,)),
    "np.transpose": (lambda x: np.transpose(x, (0, 2, 3, 1)), (IMAGES,)),
    "transpose by an array": (lambda x: np.transpose(x, np.argsort((1, 0))), (X,)),
    "swapaxes": (lambda x: np.swapaxes(x, 1, -1), (IMAGES,)),
    "moveaxis": (lambda x: np.moveaxis(x, -1, 0), (IMAGES,)),
    "moveaxis of two": (lambda x: np.moveaxis(x, (0, 1), (-1, -2)), (IMAGES,)),
    "reshape": (lambda x: x.reshape(2, -1) + np.reshape(x, (2, 10)), (X,)),
    "ravel": (lambda x: np.ravel(x), (X,)),
    "expand_dims": (lambda x: np.expand_dims(x, -1), (X,)),
    "expand_dims of two": (lambda x: np.expand_dims(x, (0, 2)), (X,)),
    "squeeze": (lambda x: np.squeeze(x[:, :1]), (X,)),
    "squeeze an axis": (lambda x: np.squeeze(x[:, :1], axis=-1), (X,)),
    "broadcast_to": (lambda row: np.broadcast_to(row, (4, 5)), (ROW,)),
    "flip": (lambda x: np.flip(x, 1), (X,)),
    "repeat": (lambda x: np.repeat(x, 2, axis=0), (X,)),
    "tril": (lambda x: np.tril(x), (X,)),
    "diag": (lambda row: np.diag(row), (ROW,)),
    "pad": (lambda x: np.pad(x, ((1, 0), (0, 2))), (X,)),
    "pad with a number": (lambda x: np.pad(x, 1, constant_values=-np.inf), (X,)),
    "pad by reflection": (lambda x: np.pad(x, 2, mode="reflect"), (X,)),
    "concatenate": (lambda x, y: np.concatenate([x, PLAIN, y], axis=-1), (X, Y)),
    "stack": (lambda x, y: np.stack([x, y], axis=-1), (X, Y)),
    "split": (lambda x: np.split(x, 2)[1], (X,)),
    "sliding_window_view": (
        lambda x: np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3)),
        (IMAGES,),
    ),
    "windows of all axes": (lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 3)), (X,)),
}
INDEXED: dict[str, tuple[Compute, tuple[Array, ...]]] = {
    "a slice": (lambda x: x[1:, ::2], (X,)),
    "an element": (lambda x: x[2, -1], (X,)),
    "new axes": (lambda x: x[..., None, :], (X,)),
    "a list": (lambda x: x[[2, 0, 2]], (X,)),
    "a mask": (lambda x: x[PLAIN > 0], (X,)),
    "labels": (lambda x, t: x[np.arange(4), t], (X, LABELS)),
    "rows by labels": (lambda x, t: x[t % 4], (X, LABELS)),
    "take": (lambda x: np.take(x, [1, 1, 3], axis=1), (X,)),
    "take by labels": (lambda x, t: np.take(x, t % 4, axis=0), (X, LABELS)),
    "take_along_axis": (lambda x, t: np.take_along_axis(x, t[:, None], axis=1), (X, LABELS)),
    "put_along_axis": (lambda x, t: put(x, t[:, None], 7.0), (X, LABELS)),
    "assigned to a slice": (lambda x, row: assigned(x, slice(1, 3), row), (X, ROW)),
    "assigned to labels": (lambda x, t, y: assigned(x, (np.arange(4), t), y[:, 0]), (X, LABELS, Y)),
    "assigned to plain places": (lambda x: assigned(x, (np.arange(4), [0, 1, 2, 3]), -1), (X,)),
    "add.at": (lambda x, t: added_at(x, t % 4, x), (X, LABELS)),
    "add.at plain places": (lambda x: added_at(x, np.array([0, 0, 3, 0]), x), (X,)),
}
REDUCED: dict[str, tuple[Compute, tuple[Array, ...]]] = {
    "sum of an axis": (lambda x: np.sum(x, axis=0), (X,)),
    "sum of the last": (lambda x: x.sum(axis=-1, keepdims=True), (X,)),
    "sum of two": (lambda x: np.sum(x, axis=(0, 2)), (IMAGES,)),
    "sum of all": (lambda x: np.sum(x), (X,)),
    "sum of all in its place": (lambda x: np.sum(x, keepdims=True), (X,)),
    "mean": (lambda x: np.mean(x, axis=1), (X,)),
    "max": (lambda x: np.max(x, axis=1, keepdims=True), (X,)),
    "min of all": (lambda x: x.min(), (X,)),
    "cumsum": (lambda x: np.cumsum(x, axis=1), (X,)),
    "argmax": (lambda x: np.argmax(x, axis=-1), (X,)),
    "argmax in its place": (lambda x: np.argmax(x, axis=0, keepdims=True), (X,)),
    "argmin of all": (lambda x: np.argmin(x), (X,)),
    "argsort": (lambda x: np.argsort(x, axis=0), (X,)),
    "any": (lambda x: np.any(x > 1, axis=1), (X,)),
    "count_nonzero": (lambda x: np.count_nonzero(x > 0), (X,)),
    "matmul": (lambda x, y: x @ y.T, (X, Y)),
    "matmul by a plain one": (lambda x: PLAIN.T @ x, (X,)),
    "matmul of many": (lambda x, y: x[:, None] @ y[None, :, :, None], (X, Y)),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y), (X, Y)),
    "einsum with a plain one": (lambda x: np.einsum("ij,ij->j", PLAIN, x), (X,)),
}


@pytest.mark.parametrize(
    "case", [*ELEMENTWISE.items(), *MOVED.items(), *INDEXED.items(), *REDUCED.items()], ids=lambda case: case[0]
)
def test_each_comes_out_as_alone(case: tuple[str, tuple[Compute, tuple[Array, ...]]]) -> None:
    _, (compute, stacks) = case
    together = compute(*map(Stacked, stacks))
    assert isinstance(together, Stacked)
    for number in range(COUNT):
        alone = np.asarray(compute(*[stack[number] for stack in stacks]))
        assert together.shape == alone.shape
        assert together.dtype == alone.dtype
        np.testing.assert_array_equal(together.stack[number], alone)


@pytest.mark.parametrize(
    "compute",
    [
        np.asarray,
        float,
        int,
        lambda x: bool(x[0, 0] > np.median(X[:, 0, 0])),
        lambda x: PLAIN[x],
        lambda x: np.zeros((4, 5))[x > 0],
        lambda x: x[x > 0],
        lambda x: x[:, np.argmax(x, axis=0)],
        lambda x: np.nonzero(x),
        lambda x: np.linalg.norm(x),
        lambda x: np.add.reduce(x),
        lambda x: np.vstack([x, x]),
        lambda x: np.exp(x, out=np.zeros((4, 5))),
        lambda x: np.einsum("ij,jk", x, x),
        lambda x: x.tolist(),
    ],
)
def test_what_would_be_that_of_one_array_is_refused(compute: Compute) -> None:
    with pytest.raises((TypeError, IndexError)):
        compute(Stacked(X))


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: np.sum(x, axis=-3),
        lambda x: np.max(x, axis=2),
        lambda x: np.cumsum(x, axis=5),
        lambda x: np.expand_dims(x, 4),
        lambda x: np.swapaxes(x, 0, 3),
        lambda x: np.transpose(x, (0, 3)),
        lambda x: np.concatenate([x, x], axis=2),
        lambda x: np.pad(x, 1, mode="maximum"),
        lambda x: x.__setitem__(slice(None), np.zeros((COUNT, 4, 5), np.float32)),
        lambda x: list(x[0, 0]),
        lambda x: len(x[0, 0]),
        lambda x: x * Numbers(map(np.float64, range(COUNT))),
        lambda x: x * Numbers([1j] * COUNT),
        lambda x: (x > 0) * Numbers(range(COUNT)),
    ],
)
def test_what_is_an_error_alone_is_refused(compute: Compute) -> None:
    with pytest.raises((TypeError, ValueError, IndexError)):
        compute(Stacked(X.copy()))


def test_a_number_is_no_view_and_is_not_changed_in_place() -> None:
    x = Stacked(X.copy())
    first = other = x[0, 0]
    first += 1
    x[0, 0] = 99
    np.testing.assert_array_equal(other.stack, X[:, 0, 0])
    np.testing.assert_array_equal(first.stack, X[:, 0, 0] + np.float32(1))


def test_rows_come_one_after_the_other() -> None:
    for place, row in enumerate(Stacked(X)):
        np.testing.assert_array_equal(row.stack, X[:, place])


def test_a_truth_value_that_all_have_is_theirs() -> None:
    assert bool(np.all(Stacked(X) < 100))
    assert not np.any(Stacked(X) > 100)
    assert float(Stacked(np.full(COUNT, 2.5))) == 2.5


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.__iadd__(1),
        lambda x: x.__setitem__(0, 1),
        lambda x: x.reshape(-1).__imul__(2),
        lambda x: np.add.at(x, np.array([0]), 1),
        lambda x: np.flip(x).__imul__(2),
    ],
)
def test_what_was_given_is_not_written_to(change: Callable[[Any], Any]) -> None:
    with pytest.raises(Unstackable, match="writing"):
        change(read_only(Stacked(X.copy())))


def test_a_copy_that_numpy_would_write_through_is_not_written_to() -> None:
    x = Stacked(X.copy())
    flipped = np.flip(x)
    for each in (flipped, x):
        with pytest.raises(Unstackable, match="writing"):
            each.__imul__(2)


def test_as_array_makes_arrays_of_the_rest() -> None:
    x: Any = Stacked(X)
    assert as_array(x) is x
    assert isinstance(as_array(1.5), np.ndarray)


@pytest.mark.parametrize(
    "compute",
    [
        lambda t, x: (1 - 0.9**t) * x,
        lambda t, x: x / (1 - 0.999**t) ** 0.5,
        lambda t, x: x - (t > 1) * x,
        lambda t, x: np.maximum(x, 1 / (t + 1)),
        lambda t, x: -abs(t // 2 - 3) * x + t % 2,
    ],
)
def test_numbers_of_python_are_those_of_each(compute: Compute) -> None:
    numbers = [1, 2, 30]
    together = compute(Numbers(numbers), Stacked(X))
    for place, number in enumerate(numbers):
        alone = compute(number, X[place])
        assert together.dtype == alone.dtype
        np.testing.assert_array_equal(together.stack[place], alone)


def test_numbers_that_differ_are_no_number() -> None:
    same: Any = Numbers([2, 2])
    differing: Any = Numbers([1, 2])
    assert differing > 0
    assert (int(same), float(same)) == (2, 2.0)
    with pytest.raises(TypeError, match="differ"):
        bool(differing == 1)
    with pytest.raises(TypeError, match="differ"):
        float(differing)
    with pytest.raises(TypeError, match="no array"):
        np.sqrt(differing)


BOUNDED: dict[str, Compute] = {
    "softmax": lambda x, t: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True),
    "its gradient": lambda x, t: assigned(np.exp(x), (np.arange(4), t), 1) * x / 4,
    "log": lambda x, t: np.log(np.abs(x) + 1) - np.max(x, axis=0),
    "root": lambda x, t: np.sqrt(x * x) + np.tanh(x) + special.erf(x),
    "product": lambda x, t: np.where(x > 0, x @ x.T @ x, 0.5 * x),
    "mean": lambda x, t: (x - np.mean(x)) / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-5),
    "by a number": lambda x, t: x * 0.1 - np.float32(3) * x + x / 7,
    "joined": lambda x, t: np.concatenate([x, np.exp(x)], axis=1),
    "padded": lambda x, t: np.pad(x, 1, constant_values=-1.5),
    "rounded": lambda x, t: np.clip(np.exp(x), 0.3, 1.1) * np.sign(x),
    "added at": lambda x, t: added_at(np.exp(x), np.array([0, 0, 3, 0]), x),
    "scaled": lambda x, t: np.exp(-0.5 * np.exp(x)) + np.log(2 * np.exp(x)),
    "put along an axis": lambda x, t: put(np.exp(x), t[:, None], 1) * x,
    "masked by infinities": lambda x, t: np.exp(np.where(x > 0, x, -np.inf)) / np.max(x, axis=0),
}


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_of_all_are_those_of_each(name: str) -> None:
    constants = arithmetic("float32")
    wide = X.astype(np.float64)
    together = BOUNDED[name](Bounded(Stacked(wide), constants), Stacked(LABELS))  # type: ignore[arg-type]
    assert isinstance(together.midpoint, Stacked)
    for number in range(COUNT):
        alone = BOUNDED[name](Bounded(wide[number], constants), LABELS[number])
        assert (together.depth, together.share) == (alone.depth, alone.share)
        np.testing.assert_allclose(together.midpoint.stack[number], alone.midpoint, rtol=1e-14, atol=1e-15)
        radius = np.broadcast_to(0 if together.radius is None else all_of(together.radius), (COUNT, *alone.shape))
        np.testing.assert_allclose(radius[number], or_zero(alone.radius), rtol=1e-6, atol=1e-20)


def assert_none_is_wider(compute: Compute, midpoints: Array, radius: Array, dtype: str) -> None:
    """Assert that no bound of an array among others is wider than its own."""
    constants = arithmetic(dtype)
    together = compute(Bounded(Stacked(midpoints), constants, Stacked(radius)))  # type: ignore[arg-type]
    radii = np.broadcast_to(all_of(or_zero(together.radius)), (len(midpoints), *together.shape))
    for midpoint, own, among_others in zip(midpoints, radius, radii, strict=True):
        alone = compute(Bounded(midpoint, constants, own))
        assert np.all(among_others <= or_zero(alone.radius) * (1 + 1e-12))


def test_a_wide_radius_of_one_array_widens_no_other() -> None:
    """exp is bounded in another way where radii are small."""
    assert_none_is_wider(np.exp, np.ones((2, 3)), np.array([[1e-20] * 3, [0.2] * 3]), "float64")
    assert_none_is_wider(np.log, np.ones((2, 3)), np.array([[1e-9] * 3, [0.6] * 3]), "float64")


@pytest.mark.parametrize(
    ("compute", "midpoints", "radius"),
    [
        (lambda y: np.where(y > 0, y, 0), [[1e-9, -1], [2, -1]], [[1e-8, 0], [1e-8, 0]]),
        (lambda y: np.where(2 * y > 0, y, 0), [[2e38, 4], [0, 4]], [[0, 0], [0, 0]]),
    ],
)
def test_where_some_are_decided_and_others_are_not_none_is_bounded(
    compute: Compute, midpoints: Any, radius: Any
) -> None:
    with pytest.raises(Unsupported, match="differ"):
        assert_none_is_wider(compute, np.array(midpoints, np.float64), np.array(radius, np.float64), "float32")
