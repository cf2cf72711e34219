"""The article once more: what is typed there, written anew, and the number that each piece of it is to give.

Pieces are run in their order, in one namespace. A piece ends in an expression, whose value is the number. Those of
`PROGRAM` are about the article's program, as it is or with some of its lines changed.
"""

from dataclasses import dataclass
from typing import Literal

from harness.studies.article_numbers import (
    CORRECTED,
    LOSS_DIVIDED_BY_FOUR,
    LOSS_WITH_W1_MOVED_TWICE,
    LOSS_WITHOUT_CLEARING,
    LOSS_WITHOUT_MASK,
    PRINTED,
    TRUNCATED_LOSSES,
)

Source = Literal["article", "corrected", "mistake"]
"""The article prints the number; it should have printed it; or a program with one of its mistakes ends there."""

ULP_UNDER_BLAS = 4
"""By so much a BLAS that adds up in another order, or fuses a product with a sum, may be off."""
SMALL_NUMBER = 16
"""The same where a number is so small that one ulp of what it is computed from is many of its own."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some lines, and the number that they are to give."""

    code: str
    number: str
    """As it was printed; "raises …" where the lines raise, "True" where they are a claim."""
    source: Source = "article"
    why: str = ""
    """What is wrong with the lines, or with what the article says of them."""
    changes: tuple[tuple[str, str], ...] = ()
    """Lines of the program, and what stands for each."""
    truncated: bool = False
    """The article cuts the number off, rather than rounding it."""
    fused: bool = False
    """The number has the digits of a BLAS that fuses, so that strict arithmetic is a few ulp off."""
    ulps: int = ULP_UNDER_BLAS


DRAW_X = "np.random.seed(1)\nX = np.random.randn(2, 3).astype(np.float32)\nX"
Y_SIZE = "the mean is over M·N_O = 2·3 = 6 elements, not over 4"
MASK = "`- 0` subtracts and assigns nothing, so no gradient is masked; `= 0` is meant"

PROMPT = (
    Piece(
        code="X = np.random.randn(2, 3).astype(np.floas32)",
        number="raises AttributeError",
        why="there is no floas32; float32 is meant",
    ),
    Piece(code=DRAW_X, number=PRINTED["X"]),
    Piece(code=DRAW_X, number=PRINTED["X"], why="no mistake: the same seed gives the same numbers"),
    Piece(code="Y = np.random.randn(2, 3).astype(np.float32)\nY", number=PRINTED["Y"]),
    Piece(
        code="X.shape",
        number="2 3",
        source="corrected",
        why="M = 2 is called the number of dimensions; it is that of the examples, each of N_I = 3 numbers",
    ),
    Piece(
        code="W1 = np.random.randn(3, 2).astype(np.float32)\n"
        "W2 = np.random.randn(2, 3).astype(np.float32)\n"
        "h = X @ W1\n"
        "h",
        number=PRINTED["h"],
    ),
    Piece(code="h_r = np.maximum(h, 0)\nh_r", number=PRINTED["h_r"]),
    Piece(code="y_p = h_r @ W2\ny_p", number=PRINTED["y_p"]),
    Piece(
        code="Y_size = 2 * 2\nnp.square(y_p - Y) / Y_size",
        number=PRINTED["prompt-squared-error"],
        why=f"Y_size is wrong: {Y_SIZE}",
    ),
    Piece(
        code="np.sum(np.square(y_p - Y)) / 6",
        number=CORRECTED["program-epoch-1-loss"],
        source="corrected",
        why="the loss is called a square root; it is the mean of the squares, without a root, and what computes it in "
        "Chainer and PyTorch needs no Y_size: it counts the elements itself",
    ),
    Piece(
        code="grad_y_p = 2 * (y_p - Y) / Y_size\ngrad_y_p",
        number=PRINTED["prompt-grad_y_p"],
        why=f"by Y_size = 4, 1.5 times the gradient: {Y_SIZE}",
    ),
    Piece(
        code="grad_w2 = h_r.T @ grad_y_p\ngrad_w2",
        number=PRINTED["prompt-grad_w2"],
        why="1.5 times the gradient, since grad_y_p is",
    ),
    Piece(
        code="h_r.T @ (2 * (y_p - Y) / 6)",
        number=CORRECTED["program-epoch-1-grad_w2"],
        source="corrected",
        why="what it is with 6",
    ),
    Piece(
        code="grad_h = grad_y_p @ W2.T\ngrad_h[h < 0] - 0",
        number=PRINTED["prompt-grad_h-where-h-is-negative"],
        why=MASK,
    ),
    Piece(
        code="grad_w1 = X.T @ grad_h\ngrad_w1",
        number=PRINTED["prompt-grad_w1"],
        why="the gradient without the mask of relu: its first column is wrong",
    ),
    Piece(
        code="X.T @ np.where(h < 0, 0, grad_h)",
        number=CORRECTED["prompt-grad_w1-masked"],
        source="corrected",
        why="what it is with the mask, still with Y_size = 4",
    ),
    Piece(
        code="X.T @ np.where(h < 0, 0, (2 * (y_p - Y) / 6) @ W2.T)",
        number=CORRECTED["program-epoch-1-grad_w1"],
        source="corrected",
        why="what it is with the mask and with 6",
    ),
    Piece(
        code="before = np.square(y_p - Y) / Y_size\n"
        "y_p = np.maximum(X @ (W1 - 1e-4 * grad_w1), 0) @ (W2 - 1e-4 * grad_w2)\n"
        "np.square(y_p - Y) / Y_size",
        number=CORRECTED["prompt-squared-error-after-honest-update"],
        source="corrected",
        why="what one update of each weight gives, without the mask and with Y_size = 4",
        ulps=SMALL_NUMBER,
    ),
    Piece(
        code="W1 = W1 - 1e-4 * grad_w1\n"
        "W1 = W1 - 1e-4 * grad_w1\n"
        "W2 = W2 - 1e-4 * grad_w2\n"
        "y_p = np.maximum(X @ W1, 0) @ W2\n"
        "np.square(y_p - Y) / Y_size",
        number=PRINTED["prompt-squared-error-after-update"],
        why="called one update; the number is that of two of W1 and one of W2",
        ulps=SMALL_NUMBER,
    ),
    Piece(
        code="after = np.square(y_p - Y) / Y_size\nafter > before",
        number="False True False / False False False",
        source="corrected",
        why='"only (2,1) fell" is said of the update: all fell, but for (1,2), which rose',
    ),
)
"""What is typed line by line."""

SOURCE = """\
np.random.seed(1)
X, Y, W1, W2 = (np.random.randn(*shape).astype(np.float32) for shape in ((2, 3), (2, 3), (3, 2), (2, 3)))
Y_size = 6

def train(W1, W2):
    squared_errors, losses = [], []
    w1, w2 = W1, W2
    for _ in range(300):
        h = X @ w1
        h_r = np.maximum(h, 0)
        y_p = h_r @ w2
        squared_errors.append(np.square(y_p - Y) / Y_size)
        losses.append(np.sum(np.square(y_p - Y)) / Y_size)

        grad_y_p = 2 * (y_p - Y) / Y_size
        grad_w2 = h_r.T @ grad_y_p
        grad_h = grad_y_p @ w2.T
        grad_h[h < 0] = 0
        grad_w1 = X.T @ grad_h

        w1 -= 1e-4 * grad_w1
        w2 -= 1e-4 * grad_w2
    return squared_errors, losses
"""
"""The article's program."""

PROGRAM = (
    Piece(
        code="squared_errors, losses = train(W1, W2)\nsquared_errors[0]",
        number=PRINTED["program-epoch-1-squared-error"],
    ),
    Piece(
        code="squared_errors[299]",
        number=PRINTED["program-epoch-300-squared-error"],
        ulps=SMALL_NUMBER,
    ),
    Piece(code="losses[0]", number=TRUNCATED_LOSSES[1], why="cut off, not rounded", truncated=True),
    Piece(code="losses[299]", number=TRUNCATED_LOSSES[300], why="cut off, not rounded", truncated=True),
    *(
        Piece(code=f"losses[{epoch - 1}]", number=CORRECTED[f"program-epoch-{epoch}-loss"], source="corrected")
        for epoch in (2, 100, 200, 300)
    ),
    Piece(code="W1", number=CORRECTED["program-final-w1"], source="corrected", why="the article does not print it"),
    Piece(code="W2", number=CORRECTED["program-final-w2"], source="corrected", why="the article does not print it"),
    Piece(
        code="squared_errors, again = train(W1, W2)\nagain[0] < losses[299]",
        number="True",
        source="mistake",
        why="`w1 = W1` is another name for one array: a second training goes on from the trained weights",
    ),
)
"""What the program prints."""

MISTAKES = (
    Piece(
        code="train(W1, W2)[1][299]",
        changes=(("grad_h[h < 0] = 0", "grad_h[h < 0] - 0"),),
        number=LOSS_WITHOUT_MASK,
        source="mistake",
        why=MASK,
    ),
    Piece(
        code="train(W1, W2)[1][299]",
        changes=(("Y_size = 6", "Y_size = 2 * 2"),),
        number=LOSS_DIVIDED_BY_FOUR,
        source="mistake",
        why=Y_SIZE,
        fused=True,
    ),
    Piece(
        code="train(W1, W2)[1][299]",
        changes=(("w1 -= 1e-4 * grad_w1", "w1 -= 1e-4 * (2 * grad_w1)"),),
        number=LOSS_WITH_W1_MOVED_TWICE,
        source="mistake",
        why="W1 goes twice as far as W2",
        fused=True,
    ),
    Piece(
        code="train(W1, W2)[1][299]",
        changes=(
            ("w1, w2 = W1, W2", "w1, w2, grad_w1, grad_w2 = W1, W2, 0, 0"),
            ("grad_w2 = h_r.T @ grad_y_p", "grad_w2 = grad_w2 + h_r.T @ grad_y_p"),
            ("grad_w1 = X.T @ grad_h", "grad_w1 = grad_w1 + X.T @ grad_h"),
        ),
        number=LOSS_WITHOUT_CLEARING,
        source="mistake",
        why="what a framework computes where nobody clears its gradients: they add up from epoch to epoch",
    ),
    Piece(
        code="train(W1, W2)[1][299] > losses[299]",
        changes=(
            ("w1 -= 1e-4 * grad_w1", "w1 -= 1e-5 * grad_w1"),
            ("w2 -= 1e-4 * grad_w2", "w2 -= 1e-5 * grad_w2"),
        ),
        number="True",
        source="mistake",
        why="a smaller learning rate is said to be more accurate; here it ends at a larger loss",
    ),
    Piece(
        code="h = np.zeros(1, np.float32)\nnp.where(h < 0, 0, np.ones_like(h))",
        number="1",
        source="mistake",
        why="where h is exactly 0, the mask passes the gradient on; relu in Chainer and PyTorch does not",
    ),
)
"""Where the program ends with one of the mistakes in it."""
