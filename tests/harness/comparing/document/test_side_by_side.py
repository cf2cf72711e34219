"""The calls of both models side by side: which share a row, what is marked, and what else a page is drawn from."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome, to_json
from harness.comparing.document.reading import read_comparisons
from harness.errors import InputError
from lockstep import compare
from tests.harness.comparing.networks import article_network, mlp, variational_autoencoder, vgg

chainer: Any = mlp.chainer
NARROWER = 16


def in_rows(outcome: Outcome) -> list[tuple[str, str]]:
    """The functions of each row; a stroke where there is none."""
    beside = outcome.side_by_side
    return [
        (
            "–" if row.left is None else beside.left[row.left].function,
            "–" if row.right is None else beside.right[row.right].function,
        )
        for row in beside.rows
    ]


@pytest.fixture(scope="module")
def detached() -> Outcome:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1))
    return compare(left, mlp.in_torch(mlp.DetachedMLP(), torch.optim.SGD, lr=0.1), mlp.batches())


def test_mates_share_a_row_and_what_has_none_stands_alone(detached: Outcome) -> None:
    assert in_rows(detached) == [
        ("LinearFunction", "linear"),
        ("ReLU", "relu"),
        ("–", "detach"),
        ("LinearFunction", "linear"),
        ("ReLU", "relu"),
        ("LinearFunction", "linear"),
        ("SoftmaxCrossEntropy", "cross_entropy"),
    ]
    alone = detached.side_by_side.rows[2]
    assert (alone.apart, alone.equal_in) == (None, 1)


def test_rows_say_where_gradients_go_wrong(detached: Outcome) -> None:
    rows = detached.side_by_side.rows
    assert [i for i, row in enumerate(rows) if row.is_parting] == [2, 3]
    assert [row.gradient for row in rows[:2]] == [1, 1]
    assert [row.is_gradient_wrong for row in rows] == [True, True, *[False] * 5]
    assert all(row.gradient is not None and float(row.gradient) < 1e-12 for row in rows[3:])
    assert all(row.apart is not None and float(row.apart) < 1e-12 for i, row in enumerate(rows) if i != 2)


def test_every_place_has_its_line(detached: Outcome) -> None:
    beside = detached.side_by_side
    assert beside.sources[beside.left[0].place] == "h1 = F.relu(self.l1(x))"
    assert beside.sources[beside.right[2].place] == "h2 = torch.relu(self.l2(h1.detach()))"
    assert detached.first is not None
    assert beside.sources[detached.first.right_place] == "h2 = torch.relu(self.l2(h1.detach()))"
    assert (beside.left[0].layer, beside.left[0].shapes) == ("l1", [[mlp.ROWS, mlp.UNITS]])


def test_the_row_of_the_first_parting_shows_the_setting() -> None:
    left, right = vgg.in_chainer(vgg.ChainerVGG(NARROWER)), vgg.in_torch(vgg.TorchVGG(NARROWER, eps=1e-5))
    outcome = compare(left, right, vgg.batches(4), updates=1)
    beside = outcome.side_by_side
    assert [i for i, row in enumerate(beside.rows) if row.is_parting] == [1]
    assert sum(row.differing == ["eps"] for row in beside.rows) == 14
    assert sum(row.differing == ["cover_all"] for row in beside.rows) == 5
    assert (beside.left[1].settings["eps"], beside.right[1].settings["eps"]) == ("2e-05", "1e-05")
    # From there on nothing has an equal, and calls still stand beside those that mean the same.
    assert [call.has_equal for call in beside.left] == [True, *[False] * 59]
    assert sum(row.left is None or row.right is None for row in beside.rows) == 2  # where each of them flattens
    assert all(row.gradient is None for row in beside.rows)


def test_mates_that_stand_in_another_order_name_each_others_row() -> None:
    right = variational_autoencoder.in_torch(variational_autoencoder.torch_loss_of_means)
    rows = compare(
        variational_autoencoder.in_chainer(), right, variational_autoencoder.batches(), updates=1
    ).side_by_side.rows
    crossing = [(i, row.equal_in) for i, row in enumerate(rows) if row.equal_in is not None]
    assert crossing
    assert all((other, i) in crossing for i, other in crossing)


def test_a_side_that_can_not_be_watched_has_no_calls() -> None:
    left = Training(step=article_network.step, weights=article_network.weights())
    outcome = compare(left, article_network.in_chainer(), article_network.batches(), updates=2)
    assert outcome.side_by_side.left == []
    assert [left for left, _ in in_rows(outcome)] == ["–"] * 6
    assert [row.is_parting for row in outcome.side_by_side.rows] == [True, True, True, False, False, False]
    assert [(pair.layout, pair.shape) for pair in outcome.weights] == [
        ("transposed", [article_network.HIDDEN, article_network.INPUTS]),
        ("transposed", [article_network.OUTPUTS, article_network.HIDDEN]),
    ]


def test_losses_go_on_where_the_first_update_is_wrong() -> None:
    left, right = (mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=lr) for lr in (0.1, 0.2))
    outcome = compare(left, right, mlp.batches(), updates=3)
    assert outcome.updates == []
    assert outcome.losses is not None
    assert (outcome.losses.dtype, len(outcome.losses.left), len(outcome.losses.right)) == ("float32", 3, 3)
    assert outcome.losses.left[0] == outcome.losses.right[0]
    assert outcome.losses.left[1] != outcome.losses.right[1]


def test_a_model_that_raises_later_does_not_hide_what_was_found() -> None:
    left, right = (mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=lr) for lr in (0.1, 0.2))
    good = mlp.batches(2)
    bad = (np.zeros((mlp.ROWS, mlp.FEATURES + 1), np.float32), good[0][1])
    outcome = compare(left, right, [*good, bad], updates=5)
    assert outcome.first is not None
    assert "the optimizer (lr 0.1 | 0.2)" in outcome.first.text
    assert outcome.losses is not None
    assert len(outcome.losses.left) == len(outcome.losses.right) == 2
    assert any(note.startswith("update 3 in float32: left: its code, computing in float32,") for note in outcome.notes)


def test_followed_weights_have_a_number_each() -> None:
    left, right = (mlp.in_torch(model, torch.optim.SGD, lr=0.1) for model in [mlp.TorchMLP()] * 2)
    outcome = compare(left, right, mlp.batches(), updates=2)
    assert [followed.weights for followed in outcome.updates] == [[0] * 6] * 2
    assert outcome.losses is None


def test_a_saved_comparison_is_read_back(detached: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "port.json"
    detached.save(path)
    document = read_comparisons(path)
    assert document.outcomes == [detached]
    assert document.versions["torch"] == torch.__version__.split("+")[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document.update(schema="lockstep.run/1"), "is not a comparison of lockstep"),
        (lambda document: document["outcomes"][0].pop("weights"), "missing required field `weights`"),
        (lambda document: document["outcomes"][0]["side_by_side"]["rows"].pop(), "do not hold each call of the left"),
        (
            lambda document: document["outcomes"][0]["side_by_side"]["rows"][2].update(equal_in=7),
            "rows[2].equal_in` names a",
        ),
        (
            lambda document: document["outcomes"][0]["losses"]["left"].pop(),
            "[0].losses.right` has 20 numbers",
        ),
        (lambda document: document["outcomes"].clear(), "`$.outcomes` is empty"),
    ],
    ids=["another schema", "a field", "a row", "a row's number", "a loss", "no outcomes"],
)
def test_a_broken_document_is_one_message(detached: Outcome, tmp_path: Path, change: Any, says: str) -> None:
    document = json.loads(to_json([detached]))
    change(document)
    path = tmp_path / "port.json"
    path.write_bytes(msgspec.json.encode(document))
    with pytest.raises(InputError, match=r"port\.json is ") as raised:
        read_comparisons(path)
    assert says in str(raised.value)


def test_a_number_for_each_weight_is_asked_for(tmp_path: Path) -> None:
    left, right = (mlp.in_torch(model, torch.optim.SGD, lr=0.1) for model in [mlp.TorchMLP()] * 2)
    outcome = compare(left, right, mlp.batches(), updates=1)
    document = json.loads(to_json([outcome]))
    document["outcomes"][0]["updates"][0]["weights"].pop()
    path = tmp_path / "port.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"`\$\.outcomes\[0\]\.updates\[0\]\.weights` has \d+ numbers for \d+ weights"):
        read_comparisons(path)
