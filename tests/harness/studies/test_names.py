"""The table from Chainer's names to PyTorch: it is complete, every line is true, and one that is not is found out."""

from dataclasses import replace

import pytest

from backends.differences import DIFFERENCES
from backends.names import LINES
from backends.names.correspondence import Correspondence, differs, identical, no_counterpart, normal, unproven
from backends.names.proving import public_names
from harness.studies.name_lookup import find_differences, find_lines, find_ops
from harness.studies.names import prove

COUNTS = {"function": 216, "link": 62, "optimizer": 15, "hook": 6}
SAMPLE = ("functions.relu", "functions.prelu", "functions.n_step_gru", "links.LSTM", "optimizers.SGD")


def line_called(name: str) -> Correspondence:
    return next(line for line in LINES if line.name == f"chainer.{name}")


def test_each_public_name_has_one_line_and_no_line_is_of_another() -> None:
    names = public_names()
    assert {kind: len(of_kind) for kind, of_kind in names.items()} == COUNTS
    for kind, of_kind in names.items():
        assert sorted(line.name for line in LINES if line.kind == kind) == sorted(of_kind)


def test_most_lines_have_a_proof_and_the_others_a_reason() -> None:
    proven = [line.kind for line in LINES if line.unproven is None and line.requires is None]
    assert proven.count("function") >= 200
    assert proven.count("link") >= 54
    assert proven.count("optimizer") == COUNTS["optimizer"]
    assert all(line.unproven for line in LINES if line.unproven is not None)
    entries = {entry.name for entry in DIFFERENCES}
    assert {line.difference for line in LINES if line.difference is not None} <= entries
    assert all(line.how or line.difference for line in LINES if line.status == "differs" and line.unproven is None)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_line_is_true(name: str) -> None:
    proof = prove(line_called(name))
    assert (proof.problem, proof.unproven) == (None, None)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_every_line_is_true(line: Correspondence) -> None:
    assert prove(line).problem is None


SWAPPED_GATES = replace(
    line_called("links.StatelessLSTM"),
    weights={
        "weight_ih": "upward_W",
        "bias_ih": "upward_b",
        "weight_hh": "lateral_W",
        "bias_hh": "torch.zeros(8)",
    },
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (identical("F.sin(x)", "torch.cos(x)", x=normal(3)), "torch.cos(x) is off"),
        (identical("F.relu(x)", "torch.relu(x).detach()", x=normal(3)), "in the gradient of x"),
        (identical("F.sum(x, axis=0)", "torch.sum(x, 0, keepdim=True)", x=normal(3, 2)), "shape (1, 2) for (2,)"),
        (identical("F.sin(x)", "torch.sine(x)", x=normal(3)), "raises AttributeError"),
        (identical("F.sin(y)", "torch.sin(x)", x=normal(3)), "Chainer raises NameError"),
        (no_counterpart("F.swish(x, b)", "x * torch.sigmoid(x)", x=normal(3, 2), b=normal(2)), "is off"),
        (differs("F.sin(x)", "torch.sin(x)", "torch.sin(x)", x=normal(3)), "torch.sin(x) computes the same"),
        (differs("F.sin(y)", "torch.sin(x)", "torch.cos(x)", x=normal(3)), "Chainer raises NameError"),
        (differs("F.sin(x)", "torch.sin(x)", x=normal(3)), "nothing shows a difference"),
        (differs("F.sin(x)", "torch.sin(x)", difference="sine", x=normal(3)), "no difference 'sine'"),
        (SWAPPED_GATES, "is off"),
        (identical("L.Linear(3, 2)", "nn.Linear(3, 2)", weights={"weight": "W"}, x=normal(4, 3)), "not mapped"),
        (replace(line_called("links.Bilinear"), torch="torch.einsum('bi,bj,ijk->bk', x, y, W) + x @ V1 + b"), "is off"),
        (
            replace(
                line_called("links.CRF1d"), torch=line_called("links.CRF1d").torch.replace("cost[b, c]", "cost[c, b]")
            ),
            "is off",
        ),
        (
            replace(line_called("optimizers.AMSBound"), torch="optimizer_rules.AdaBound(params, betas=(0.9, 0.2))"),
            "in the weights",
        ),
        (no_counterpart("optimizers.SMORMS3()", "optimizer_rules.SMORMS3(params, lr=0.002)"), "in the weights"),
        (no_counterpart("optimizers.MSVAG()", "torch.optim.SGD(params, lr=0.1, momentum=0.9)"), "in the weights"),
        (identical("optimizers.SGD(lr=0.1)", "torch.optim.SGD(params, lr=0.2)"), "in the weights"),
        (identical("optimizer_hooks.WeightDecay(0.1)", "None"), "in the weights"),
    ],
)
def test_a_line_that_is_not_true_is_found_out(line: Correspondence, said: str) -> None:
    assert said in str(prove(line).problem)


def test_a_line_is_run_only_where_chainer_has_what_it_needs() -> None:
    true = identical("F.sin(x)", "torch.sin(x)", requires="no_such_package", x=normal(3))
    assert "computes it with no_such_package, which is not installed" in str(prove(true).unproven)
    wrong = identical("F.sin(x)", "torch.cos(x)", requires="numpy", x=normal(3))
    assert "torch.cos(x) is off" in str(prove(wrong).problem)


def test_what_is_unproven_is_not_counted_as_proven() -> None:
    proof = prove(unproven("F.sin(x)", "torch.cos(x)", "nobody knows"))
    assert (proof.difference, proof.problem, proof.unproven) == (None, None, "nobody knows")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("F.max_pooling_2d", ["functions.max_pooling_2d"]),
        ("L.BatchNormalization", ["links.BatchNormalization"]),
        ("chainer.functions.dropout", ["functions.dropout"]),
        ("chainer.functions.activation.relu.relu", ["functions.relu"]),
        ("Adam", ["optimizers.Adam"]),
        ("torch.nn.functional.mse_loss", ["functions.mean_squared_error", "functions.squared_error"]),
        ("nn.Embedding()", ["links.EmbedID"]),
        ("nn.BatchNorm2d", ["links.BatchNormalization"]),
        ("torch.Tensor.gather", ["functions.select_item"]),
        ("torch.nn.functional.sigmoid", ["functions.sigmoid"]),
        ("nn.Sigmoid", ["functions.sigmoid"]),
        ("nn.ReLU", ["functions.relu"]),
        ("torch.relu", ["functions.relu"]),
        ("nn.MaxPool2d", ["functions.max_pooling_2d", "functions.max_pooling_nd"]),
        ("nn.CrossEntropyLoss", ["functions.softmax_cross_entropy"]),
        ("nn.MSELoss", ["functions.mean_squared_error", "functions.squared_error"]),
        ("torch.cat", ["functions.concat"]),
        ("torch.nn.modules.linear.Linear", ["links.Linear"]),
        ("chainer.optimizer.WeightDecay", ["optimizer_hooks.WeightDecay"]),
        ("L.relu", []),
        ("nothing", []),
    ],
)
def test_a_name_finds_its_lines(name: str, lines: list[str]) -> None:
    assert [line.name.removeprefix("chainer.") for line in find_lines(name, LINES)] == lines


@pytest.mark.parametrize(
    ("name", "difference"),
    [
        ("max_pooling_cover_all", "max_pooling_cover_all"),
        ("F.max_pooling_2d", "max_pooling_cover_all"),
        ("L.BatchNormalization", "batch_normalization_eps"),
        ("chainer.functions.dropout", "dropout_in_evaluation"),
        ("Adam", "adam_eps"),
        ("nn.LSTM", "lstm_gate_order"),
        ("torch.nn.functional.max_pool2d", "max_pooling_cover_all"),
    ],
)
def test_a_name_finds_its_differences(name: str, difference: str) -> None:
    assert difference in [entry.name for entry in find_differences(name, DIFFERENCES, LINES)]


def test_every_name_that_an_entry_is_about_finds_it() -> None:
    for entry in DIFFERENCES:
        for call in (entry.chainer, entry.torch):
            full = call.partition("(")[0]
            for name in (full, full.rpartition(".")[2]):
                assert entry in find_differences(name, DIFFERENCES, LINES), (name, entry.name)


def test_a_name_finds_ops_by_their_code() -> None:
    sources = {"relu": ["F.relu(x)"], "linear": ["F.linear(x, w, b)"], "mean": ["F.average(x)", "torch.mean(x)"]}
    assert find_ops("relu", sources, LINES) == ["relu"]
    assert find_ops("nn.Linear", sources, LINES) == ["linear"]
    assert find_ops("F.average", sources, LINES) == ["mean"]
    assert find_ops("F.cholesky", sources, LINES) == []
    assert find_ops("nothing", sources, LINES) == []
