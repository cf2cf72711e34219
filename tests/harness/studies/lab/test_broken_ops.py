"""Mistakes that students make: each is seen, on its line, and named in words that say what to do."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.harness.studies.lab.submissions import graded_op

RELU = """
def relu(x):
    def backward(grad_y):
        {}

    return np.maximum(x, 0), backward
"""
MATMUL = """
def matmul(x, w):
    def backward(grad_y):
        {}

    return x @ w, backward
"""
LINEAR = """
def linear(x, w, b=None):
    rows = x.reshape(-1, x.shape[-1])

    def backward(grad_y):
        grad_rows = grad_y.reshape(-1, w.shape[1])
        {}

    return x @ w if b is None else x @ w + b, backward
"""
SOFTMAX = """
def softmax(x, *, axis=-1):
    {}
    y = e / np.sum(e, axis=axis, keepdims=True)

    def backward(grad_y):
        {}

    return y, backward
"""
STABLE = "e = np.exp(x - np.max(x, axis=axis, keepdims=True))"
RIGHT_SOFTMAX = "return (y * (grad_y - np.sum(grad_y * y, axis=axis, keepdims=True)),)"
LOSS = """
def softmax_cross_entropy(x, t):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    n = len(x)

    def backward(grad_loss):
        grad_x = p.copy()
        {}
        return grad_x, None

    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(e.sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(n), t]), backward
"""


class Broken(NamedTuple):
    """A mistake, and what has to be said of it."""

    source: str
    kind: str
    line: str
    """The student's line that is shown."""
    says: tuple[str, ...]
    """Parts of its text, its cause or its ruling."""


BROKEN = {
    "relu returns nothing": Broken(
        "def relu(x):\n    np.maximum(x, 0)\n",
        "nothing returned",
        "def relu(x):",
        ("relu returns nothing; it must return its output and its backward: `return y, backward`",),
    ),
    "relu returns its output alone": Broken(
        "def relu(x):\n    return np.maximum(x, 0)\n",
        "array for a tuple",
        "return np.maximum(x, 0)",
        ("relu returns an array of shape (4, 5) alone", "`return y, backward`"),
    ),
    "relu returns three things": Broken(
        "def relu(x):\n    return x, x, None\n", "count", "return x, x, None", ("relu returns 3 things",)
    ),
    "relu returns no function for its backward": Broken(
        "def relu(x):\n    return np.maximum(x, 0), (x > 0)\n",
        "no backward",
        "return np.maximum(x, 0), (x > 0)",
        ("what relu returns in second place is an array of shape (4, 5), not its backward",),
    ),
    "backward returns nothing": Broken(
        RELU.format("grad_x = grad_y * (x > 0)"),
        "nothing returned",
        "def backward(grad_y):",
        ("backward returns nothing; it must return a tuple of one gradient: `return (grad_x,)`",),
    ),
    "an array in place of a tuple": Broken(
        RELU.format("return grad_y * (x > 0)"),
        "array for a tuple",
        "return grad_y * (x > 0)",
        ("backward returns an array of shape (4, 5) in place of a tuple", "`return (grad_x,)`, with the comma"),
    ),
    "one gradient of two": Broken(
        MATMUL.format("return (grad_y @ w.T,)"),
        "count",
        "return (grad_y @ w.T,)",
        ("backward returns 1 gradient, and matmul is given 2 inputs here, x, w", "`return (grad_x, grad_w)`"),
    ),
    "a gradient of what was left out": Broken(
        LINEAR.format("return grad_y @ w.T, rows.T @ grad_rows, grad_rows.sum(axis=0)"),
        "count",
        "return grad_y @ w.T, rows.T @ grad_rows, grad_rows.sum(axis=0)",
        ("linear is given 2 inputs here, x, w", "or None for b, left out here"),
    ),
    "a gradient is None": Broken(
        MATMUL.format("return grad_y @ w.T, None"),
        "None",
        "return grad_y @ w.T, None",
        ("grad_w is None; it must be an array of shape (5, 2), the shape of w",),
    ),
    "a gradient is a number": Broken(
        RELU.format("return (1.0,)"),
        "no array",
        "return (1.0,)",
        ("grad_x is a float; it must be an array of float",),
    ),
    "the blank is left": Broken(
        RELU.format("grad_x = ...\n        return (grad_x,)"),
        "not written",
        "return (grad_x,)",
        ("grad_x is not written yet",),
    ),
    "not implemented": Broken(
        RELU.format("raise NotImplementedError"), "not written", "raise NotImplementedError", ("is not written yet",)
    ),
    "ties": Broken(
        RELU.format("return (np.where(x >= 0, grad_y, 0),)"),
        "value",
        "return (np.where(x >= 0, grad_y, 0),)",
        (
            "got comes out with >= for > in x[",
            "both sides are equal here",
            "there is a tie here, where any value from",
            "is a subgradient; this op takes 0",
        ),
    ),
    "the mask is forgotten": Broken(
        RELU.format("return (grad_y,)"),
        "value",
        "return (grad_y,)",
        (
            "got is the other branch, grad_y[",
            " is false",
            "backward is right with 0, mine.py is wrong with",
        ),
    ),
    "the gradient that arrives is forgotten": Broken(
        RELU.format("return ((x > 0).astype(x.dtype),)"),
        "value",
        "return ((x > 0).astype(x.dtype),)",
        ("got comes out if grad_y, the gradient that arrives, is left out; it fits all",),
    ),
    "a product of the wrong shapes": Broken(
        MATMUL.format("grad_w = x @ grad_y\n        return grad_y @ w.T, grad_w"),
        "shapes of a product",
        "grad_w = x @ grad_y",
        ("x @ grad_y does not fit: x is (4, 5) and grad_y is (4, 2)", "One of them must be transposed"),
    ),
    "a sum of the wrong shapes": Broken(
        MATMUL.format("return grad_y + w, x.T @ grad_y"),
        "shapes",
        "return grad_y + w, x.T @ grad_y",
        ("grad_y + w does not fit: grad_y is (4, 2) and w is (5, 2)",),
    ),
    "a transposed gradient": Broken(
        MATMUL.format("return grad_y @ w.T, grad_y.T @ x"),
        "shape",
        "return grad_y @ w.T, grad_y.T @ x",
        ("grad_w is (2, 5), and should be (5, 2), the shape of w: it is transposed",),
    ),
    "the sum over rows is missing": Broken(
        LINEAR.format("return (grad_y @ w.T, rows.T @ grad_rows, *([] if b is None else [grad_rows]))"),
        "shape",
        "return (grad_y @ w.T, rows.T @ grad_rows, *([] if b is None else [grad_rows]))",
        ("grad_b is (8, 3), and should be (3,), the shape of b: the sum over axis 0 is missing",),
    ),
    "a mean in place of a sum": Broken(
        LINEAR.format(
            "grad_b = grad_rows.mean(axis=0)\n"
            "        return (grad_y @ w.T, rows.T @ grad_rows, *([] if b is None else [grad_b]))"
        ),
        "value",
        "grad_b = grad_rows.mean(axis=0)",
        ("got is 1/8 of want", "a mean where a sum belongs", "it fits all 3 wrong elements"),
    ),
    "exp overflows": Broken(
        SOFTMAX.format("e = np.exp(x)", RIGHT_SOFTMAX),
        "value",
        "e = np.exp(x)",
        ("overflow encountered in exp here, and what follows is not finite",),
    ),
    "softmax as if scores were independent": Broken(
        SOFTMAX.format(STABLE, "return (grad_y * y * (1 - y),)"),
        "value",
        "return (grad_y * y * (1 - y),)",
        ("the gradient is y·(1 - y), without the row's other scores",),
    ),
    "softmax over the wrong axis": Broken(
        SOFTMAX.format("axis = -1\n    " + STABLE, RIGHT_SOFTMAX),
        "value",
        "y = e / np.sum(e, axis=axis, keepdims=True)",
        ("y has the right shape",),
    ),
    "the loss's own gradient is left out": Broken(
        LOSS.format("grad_x[np.arange(n), t] -= 1\n        grad_x /= n"),
        "value",
        "grad_x /= n",
        ("got comes out if grad_loss, the gradient that arrives, is left out; it fits all 20 wrong elements",),
    ),
    "the loss is a mean, its gradient is not": Broken(
        LOSS.format("grad_x[np.arange(n), t] -= 1\n        grad_x = grad_x * grad_loss"),
        "value",
        "grad_x = grad_x * grad_loss",
        ("got is 4 times want: 4 is the number of rows of x; it fits all 20 wrong elements",),
    ),
    "the label's score is left as it is": Broken(
        LOSS.format("grad_x = grad_x * grad_loss / n"),
        "value",
        "grad_x = grad_x * grad_loss / n",
        ("numerical differentiation gives",),
    ),
    "float64 in a float32 run": Broken(
        RELU.format("return (np.where(x > 0, grad_y, np.zeros(x.shape)),)"),
        "dtype",
        "return (np.where(x > 0, grad_y, np.zeros(x.shape)),)",
        ("grad_x is of float64; its inputs are of float32, and so must it be",),
    ),
    "an error in the forward": Broken(
        "def relu(x):\n    y = x.relu()\n    return y, None\n",
        "raised",
        "y = x.relu()",
        ("raised AttributeError: 'numpy.ndarray' object has no attribute 'relu'",),
    ),
    "an unknown name in the backward": Broken(
        RELU.format("return (grad * (x > 0),)"),
        "raised",
        "return (grad * (x > 0),)",
        ("raised NameError: name 'grad' is not defined",),
    ),
    "the process is ended": Broken(
        "import sys\n\n\ndef relu(x):\n    sys.exit(0)\n", "raised", "sys.exit(0)", ("called sys.exit(0)",)
    ),
    "a parameter is missing": Broken(
        "def matmul(x):\n    return x, None\n",
        "parameters",
        "return x, None",
        ("matmul(x) can't be called with 2 arrays: too many positional arguments",),
    ),
    "backward without parameters": Broken(
        "def relu(x):\n    return np.maximum(x, 0), lambda: (x > 0,)\n",
        "parameters",
        "return np.maximum(x, 0), lambda: (x > 0,)",
        ("backward() can't be called with 1 array",),
    ),
    "two outputs are one": Broken(
        "def split(x, *, sections, axis):\n    return x, lambda *grads: (np.concatenate(grads, axis=axis),)\n",
        "count",
        "return x, lambda *grads: (np.concatenate(grads, axis=axis),)",
        ("outputs here, and gives 1",),
    ),
    "the wrong sign": Broken(
        "def subtract(a, b):\n"
        "    def total(grad, shape):\n"
        "        axes = tuple(range(grad.ndim - len(shape)))\n"
        "        kept = tuple(len(axes) + i for i, n in enumerate(shape) if n == 1)\n"
        "        return np.sum(grad, axis=axes + kept).reshape(shape)\n\n"
        "    return a - b, lambda grad_y: (total(grad_y, a.shape), total(grad_y, b.shape))\n",
        "value",
        "return np.sum(grad, axis=axes + kept).reshape(shape)",
        ("with the wrong sign",),
    ),
}


def shown(path: Path, broken: Broken) -> str:
    """Everything that is said of the mistake of this kind in a file with one op."""
    op = graded_op(path, broken.source)
    assert op.points < op.of
    assert broken.kind in {each.kind for each in op.mistakes}, [each.text for each in op.mistakes]
    found = next(each for each in op.mistakes if each.kind == broken.kind)
    assert found.source == broken.line
    assert (path / "mine.py").read_text().splitlines()[(found.line or 0) - 1].strip() == broken.line
    return " | ".join((found.text, found.cause, found.ruling))


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_shown_on_its_line_in_plain_words(name: str, tmp_path: Path) -> None:
    said = shown(tmp_path, BROKEN[name])
    for part in BROKEN[name].says:
        assert part in said
