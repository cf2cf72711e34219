"""A wrong order of a recurrent cell's gates is named, in what a cell computes and in the weights it starts from."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from harness.comparing.document.outcome import Outcome
from harness.comparing.gates import wrong_order_of_blocks
from lockstep import compare
from tests.harness.comparing.findings.first_finding import first_of, lines_at
from tests.harness.comparing.networks import mlp

chainer: Any = mlp.chainer
F, L = mlp.F, mlp.L
BATCHES = mlp.batches()
HIDDEN = 4


class ChainerCell(chainer.Chain):  # type: ignore[misc]
    """Chainer's LSTM function, by layers of one's own."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.of_x = L.Linear(mlp.FEATURES, 4 * HIDDEN)
            self.of_h = L.Linear(HIDDEN, 4 * HIDDEN, nobias=True)
            self.last = L.Linear(HIDDEN, mlp.CLASSES)

    def forward(self, x: Any) -> Any:
        h = c = np.zeros((len(x), HIDDEN), x.dtype)
        for _ in range(3):
            c, h = F.lstm(c, self.of_x(x) + self.of_h(h))
        return self.last(h)


class TorchCell(nn.Module):
    """The same by hand, with the gates in an order."""

    def __init__(self, order: tuple[int, ...], squashed: Any = torch.sigmoid) -> None:
        super().__init__()
        self.order, self.squashed = order, squashed
        self.of_x = nn.Linear(mlp.FEATURES, 4 * HIDDEN)
        self.of_h = nn.Linear(HIDDEN, 4 * HIDDEN, bias=False)
        self.last = nn.Linear(HIDDEN, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h = c = torch.zeros(len(x), HIDDEN)
        for _ in range(3):
            gates = (self.of_x(x) + self.of_h(h)).reshape(-1, HIDDEN, 4)
            a, i, f, o = (gates[:, :, place] for place in self.order)
            c = self.squashed(f) * c + torch.sigmoid(i) * torch.tanh(a)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.last(h)  # type: ignore[no-any-return]


def cells(order: tuple[int, ...], *, squashed: Any = torch.sigmoid, is_fused_left: bool = True) -> Outcome:
    fused = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1), ChainerCell())
    by_hand = mlp.in_torch(TorchCell(order, squashed), torch.optim.SGD, lr=0.1)
    sides = (fused, by_hand) if is_fused_left else (by_hand, fused)
    return compare(*sides, BATCHES, updates=2)


def test_a_wrong_order_of_gates_is_between_the_first_and_the_last_line_of_what_the_other_side_fuses() -> None:
    assert cells((0, 1, 2, 3)).verdict == "agree"
    outcome = cells((0, 2, 1, 3))
    first = first_of(outcome)
    assert len(outcome.findings) == 1
    assert first.text.startswith("forward parts at LSTM (")
    assert lines_at(outcome, first) == (
        "c, h = F.lstm(c, self.of_x(x) + self.of_h(h))",
        "a, i, f, o = (gates[:, :, place] for place in self.order)",
    )
    assert " | getitem (" in first.text
    assert "… mul (" in first.text
    assert first.text.endswith("), whose gates are in the order a, f, i, o on the right, not a, i, f, o")


def test_a_wrong_order_of_gates_is_named_on_the_side_that_has_it() -> None:
    first = first_of(cells((3, 0, 2, 1), is_fused_left=False))
    assert first.text.endswith(", whose gates are in the order i, o, f, a on the left, not a, i, f, o")


def test_another_mistake_in_a_cell_is_no_order_of_gates() -> None:
    first = first_of(cells((0, 1, 2, 3), squashed=torch.tanh))
    assert first.text.startswith("forward parts at LSTM (")
    assert "whose gates" not in first.text


class OneCell(nn.Module):
    """Scores of the state of a recurrent layer after one step."""

    def __init__(self, cell: type[nn.LSTMCell | nn.GRUCell]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.cell = cell(mlp.FEATURES, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        state: Any = self.cell(x)
        return state[0] if isinstance(state, tuple) else state  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("cell", "order", "said"),
    [
        (nn.LSTMCell, (0, 2, 1, 3), "i, g, f, o on the right, not i, f, g, o"),
        (nn.LSTMCell, (3, 0, 1, 2), "o, i, f, g on the right, not i, f, g, o"),
        (nn.GRUCell, (1, 0, 2), "z, r, n on the right, not r, z, n"),
    ],
)
def test_weights_whose_gates_are_in_another_order(cell: Any, order: tuple[int, ...], said: str) -> None:
    left, right = (mlp.in_torch(OneCell(cell), torch.optim.SGD, lr=0.1) for _ in range(2))
    with torch.no_grad():
        blocks = right.model.cell.weight_ih.chunk(len(order))
        right.model.cell.weight_ih.copy_(torch.cat([blocks[gate] for gate in order]))
        right.model.cell.weight_hh.mul_(2)
    texts = [each.text for each in compare(left, right, mlp.batches(), weights="check").findings]
    assert texts[:2] == [
        f"cell.weight_ih does not start as the same numbers on both sides: its gates are in the order {said}",
        "cell.weight_hh does not start as the same numbers on both sides",
    ]


def test_an_order_of_gates_is_not_said_where_several_fit() -> None:
    """A bias of zeros with one block of ones may come from any order that puts this block there."""
    left, right = (mlp.in_torch(OneCell(nn.LSTMCell), torch.optim.SGD, lr=0.1) for _ in range(2))
    ones = np.repeat([0, 1, 0, 0], mlp.CLASSES)
    with torch.no_grad():
        left.model.cell.bias_ih.copy_(torch.from_numpy(ones))
        right.model.cell.bias_ih.copy_(torch.from_numpy(np.roll(ones, mlp.CLASSES)))
    outcome = compare(left, right, mlp.batches(), weights="check")
    assert outcome.first is not None
    assert outcome.first.text == "cell.bias_ih does not start as the same numbers on both sides"


def test_arrays_of_other_shapes_and_layers_without_gates_have_no_order() -> None:
    rows = np.arange(8.0)
    swapped = np.roll(rows, 2)
    assert wrong_order_of_blocks(rows, swapped, "LSTM") != ""
    assert wrong_order_of_blocks(rows, swapped, "Linear") == ""
    assert wrong_order_of_blocks(rows, swapped, "GRU") == ""  # 8 rows are not three blocks
    assert wrong_order_of_blocks(rows, swapped[:4], "LSTM") == ""
