"""Certificates: what is right passes whatever trajectories do, what is wrong is named at its op, and nothing else."""

import inspect
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.equivalent_formulas.activations import sigmoid_by_tanh
from harness.explaining.explanation import explain
from harness.judging.own_source import MOST_LINES, own_source
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import details, message, without_docstring
from lockstep import assert_agree
from reports.text.runs.certificates import certificate_findings, sharpness_rows
from scenarios import Scenario, data, momentum, param, randn, scenario, sgd
from tests.harness.broken import relu_without_mask, with_changes


def run(chosen: Scenario, *, dtype: str = "float32", certify: int | None = 1, **changes: Any) -> Result:
    """A run of the hand-written backend against itself with some functions replaced."""
    backends = [load_backend("numpy"), LoadedBackend("changed", with_changes(**changes))]
    return run_scenario(chosen, backends, dtype=dtype, certify=certify)


def culprits(result: Result) -> list[tuple[str, str, str]]:
    return [(mismatch.backend, mismatch.op, mismatch.phase) for mismatch in result.culprits]


def tiny(**changes: Any) -> Scenario:
    return built_in_scenarios()["two_layer_tiny"].vary(**{"epochs": 5, **changes})


def test_every_tensor_of_an_update_is_one_check() -> None:
    result = run(tiny())
    # h, h_r, y_p, loss; their gradients but the loss's, and those of w1 and w2; w1 and w2.
    assert result.certified["numpy"]["checks"] == 5 * (4 + 3 + 2 + 2)


def test_chaos_is_drift_with_every_op_certified() -> None:
    result = run_scenario(built_in_scenarios()["chaos"], load_backends(["torch"]), dtype="float32")
    assert result.verdict == "drift"
    assert result.horizon is not None
    assert result.horizon < 500
    assert "every op of every update of torch is certified" in result.notes
    assert result.certified["torch"]["failed"] == result.certified["torch"]["unchecked"] == 0
    # The runs have nothing in common any more.
    apart = abs(float(result.losses["numpy"][-1]) - float(result.losses["torch"][-1]))
    assert apart > 0.01 * float(result.losses["numpy"][-1])


def test_two_backends_with_one_bug_do_not_outvote_the_third() -> None:
    broken = {name: with_changes(relu=relu_without_mask) for name in ("one", "other")}
    with pytest.raises(AssertionError) as caught:
        assert_agree(tiny(), {**broken, "right": numpy_manual})
    said = str(caught.value)
    assert "one: relu backward" in said
    assert "other: relu backward" in said
    assert "right:" not in said


def test_a_bug_of_the_reference_is_the_reference_s() -> None:
    """Whatever it is compared with: the certificate is the hand-written op's, not the reference's."""
    result = run_scenario(
        tiny(), [LoadedBackend("broken", with_changes(relu=relu_without_mask)), load_backend("numpy")], dtype="float32"
    )
    assert culprits(result) == [("broken", "relu", "backward")]


def test_where_the_hand_written_op_is_wrong_the_arbiter_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_manual, "relu", relu_without_mask)
    result = run_scenario(tiny(), load_backends(["torch"]), dtype="float32")
    assert culprits(result) == [("torch", "relu", "backward")]
    ruling = result.rulings[0]
    assert ruling is not None
    assert (ruling.right, ruling.got_fits, ruling.want_fits) == ("backend", True, False)
    assert "disagree: the hand-written relu is wrong, not torch: relu backward, call h_r" in message(result)


def test_the_arbiter_rules_on_a_gradient_that_adds_up_over_uses() -> None:
    chosen = built_in_scenarios()["residual_shared"].vary(epochs=1)
    result = run(chosen, dtype="float64", relu=relu_without_mask)
    assert all(ruling is not None and ruling.right == "hand-written" for ruling in result.rulings)
    assert result.rulings


def tanh_a_little_off(x: Array) -> Any:
    y, backward = numpy_manual.tanh(x)
    return y, lambda grad_y: (backward(grad_y)[0] * x.dtype.type(1.0001),)


def layer_norm_with_smaller_eps(x: Array, gain: Array, bias: Array, *, eps: float) -> Any:
    return numpy_manual.layer_norm(x, gain, bias, eps=eps / 10)


def adamw_with_eps_inside(w: Array, grad_w: Array, m: Array, v: Array, *, t: int, eps: float, **rest: float) -> Any:
    moved, m, v = numpy_manual.adamw(w, grad_w, m, v, t=t, eps=0.0, **rest)
    _, beta2 = rest["beta1"], rest["beta2"]
    unbiased = v / (1 - beta2**t)
    decayed = (1 - rest["lr"] * rest["weight_decay"]) * w
    return decayed + (moved - decayed) * np.sqrt(unbiased) / np.sqrt(unbiased + eps), m, v


@pytest.mark.parametrize(
    ("change", "op", "phase"),
    [
        ({"tanh": tanh_a_little_off}, "tanh", "backward"),
        ({"layer_norm": layer_norm_with_smaller_eps}, "layer_norm", "forward"),
        ({"adamw": adamw_with_eps_inside}, "adamw", "update"),
    ],
    ids=["tanh's gradient off by 1e-4", "layer_norm's eps 1e-6 for 1e-5", "adamw's eps under the root"],
)
def test_a_small_bug_is_named_in_float64(change: dict[str, Any], op: str, phase: str) -> None:
    result = run(built_in_scenarios()["layer_norm_adamw"].vary(epochs=2), dtype="float64", **change)
    assert culprits(result)[0] == ("changed", op, phase)


def test_a_failure_says_where_and_shows_the_users_own_op() -> None:
    result = run(tiny(), relu=relu_without_mask)
    said = message(result).split("\n")
    assert said[0].startswith(
        "two_layer_tiny float32: disagree: changed: relu backward, call h_r, epoch 1, grad_h[0, 0], got 0.24391"
    )
    assert "want 0: " in said[0]
    place = next(i for i, line in enumerate(said) if line.strip().startswith("broken.py:"))
    assert place <= 2
    assert said[place + 1 : place + 3] == [
        "    def relu_without_mask(x: Array) -> Any:",
        "        return np.maximum(x, 0), lambda grad_y: (grad_y,)",
    ]
    assert "np.where(x > 0, grad_y, 0)" not in "\n".join(said)
    assert "            return (np.where(x > 0, grad_y, 0),)" in [
        f"  {line}" for line in details(result, solution=True)
    ]


def test_the_suites_own_ops_are_no_users() -> None:
    """Where PyTorch's backend is wrong, there is no source of a user's to show."""
    assert own_source(numpy_manual.relu) == ()
    assert own_source(None) == ()
    assert own_source(len) == ()
    place, *lines = own_source(relu_without_mask)
    assert place.startswith("broken.py:")
    assert lines == ["def relu_without_mask(x: Array) -> Any:", "    return np.maximum(x, 0), lambda grad_y: (grad_y,)"]


def test_a_long_op_is_cut() -> None:
    _, *lines = own_source(explain)
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == f"… and {len(without_docstring(inspect.getsource(explain))) - MOST_LINES} more lines"


def _wrong_from_the_fourth_update() -> Any:
    calls = iter(range(100))

    def wrong(w: Array, grad_w: Array, *, lr: float) -> Array:
        moved = numpy_manual.sgd(w, grad_w, lr=lr)
        # A warm-up update, then three right ones of two weights each.
        return moved * w.dtype.type(1.01) if next(calls) >= 8 else moved

    return wrong


def test_the_update_and_its_epoch_are_counted_over_the_whole_run() -> None:
    result = run(tiny(settings={"M": 4}, batch_size=2), sgd=_wrong_from_the_fourth_update())
    first = result.culprits[0]
    assert (first.op, first.phase, first.update, first.epoch) == ("sgd", "update", 4, 2)


def test_what_is_not_certified_is_not_claimed() -> None:
    result = run(tiny(epochs=10), certify=4)
    assert (result.updates, result.certified["numpy"]["updates"]) == (10, 6)  # 1, 2, 3, 4, 8 and 10
    assert "certified: 132 checks in 6 of 10 updates" in message(result)
    assert run(tiny(), certify=None).certified == {}


def low_precision(x: Array, w: Array) -> Any:
    """Inputs cut to 10 bits after the point, as TensorFloat-32 cuts them."""

    def cut(a: Array) -> Array:
        if a.dtype != np.float32:
            return a
        bits = a.view(np.uint32) & np.uint32(0xFFFFE000)
        return bits.view(np.float32)

    _, backward = numpy_manual.matmul(x, w)
    return cut(x) @ cut(w), backward


def test_low_precision_in_a_long_sum_is_suspect_and_in_a_short_one_a_failure() -> None:
    long = built_in_scenarios()["two_layer"].vary(epochs=2)
    result = run(long, matmul=low_precision)
    assert result.certified["changed"]["suspect"] + result.certified["changed"]["failed"] > 0
    named = [*result.suspects, *result.culprits]
    assert {(mismatch.backend, mismatch.op, mismatch.phase) for mismatch in named} == {("changed", "matmul", "forward")}
    short = run(tiny(), matmul=low_precision)
    assert culprits(short)[0] == ("changed", "matmul", "forward")


def test_overflow_is_unchecked_and_inconclusive_not_wrong() -> None:
    result = run_scenario(
        built_in_scenarios()["chaos"].vary(epochs=60, settings={"lr": 1.6}), load_backends([]), dtype="float32"
    )
    assert result.verdict == "inconclusive"
    assert all(counts["failed"] == 0 for counts in result.certified.values())
    assert all(counts["unchecked"] > 0 for counts in result.certified.values())


@scenario(
    seed=1, epochs=2, optimizer=sgd(lr=0.1), x=data(lambda: np.ones((4, 3))), y=randn(4, 2), w=param(3, 2, fill=1)
)
def always_on(op: Any, x: Any, y: Any, w: Any) -> Any:
    """No input of the ReLU is ever below 0."""
    return op.mean_squared_error(op.relu(op.matmul(x, w)), y)


def test_a_branch_that_was_never_taken_is_inconclusive() -> None:
    result = run(always_on)
    assert result.verdict == "inconclusive"
    assert "no input of relu_1 was ever below its kink at 0, so nothing tested that" in result.notes


@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def penalised(op: Any, x: Any, y: Any, w: Any) -> Any:
    """A kink of a weight itself, which has elements on both sides of it."""
    return op.mean_squared_error(x @ w, y) + op.reduce_sum(abs(w))


def test_a_branch_that_a_weight_takes_is_tested() -> None:
    assert run(penalised).verdict == "agree"


def test_a_gradient_that_is_always_zero_is_inconclusive() -> None:
    @scenario(
        seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), zero=data(lambda: np.zeros((2, 2))),
        w=param(3, 2), w_out=param(2, 2),
    )  # fmt: skip
    def half_dead(op: Any, x: Any, y: Any, zero: Any, w: Any, w_out: Any) -> Any:
        branch = op.matmul(op.tanh(op.matmul(x, w)), zero)
        return op.mean_squared_error(op.add(branch, op.matmul(op.matmul(x, w), w_out)), y)

    result = run(half_dead)
    assert result.verdict == "inconclusive"
    assert "the gradient of tanh_1 is zero at every update, so nothing tested it" in result.notes


def test_an_op_without_a_bound_is_unchecked_and_said() -> None:
    def cube_root(x: Array) -> Any:
        y = np.cbrt(x)
        return y, lambda grad_y: (grad_y / (3 * y * y),)

    @scenario(seed=1, epochs=3, optimizer=sgd(lr=0.01), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
    def rooted(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.cube_root(op.matmul(x, w)), y)

    module = with_changes(cube_root=cube_root)
    result = run_scenario(rooted, [LoadedBackend("numpy", module), LoadedBackend("same", module)], dtype="float32")
    assert result.verdict == "agree"
    assert result.certified["same"]["unchecked"] == 3 * 2
    assert "cube_root is not certified: np.cbrt has no rounding bound" in result.notes


def test_the_report_names_the_formula_in_use_and_its_cost() -> None:
    chosen = built_in_scenarios()["layer_norm_adamw"].vary(epochs=3)
    result = run_scenario(chosen, load_backends(["chainer"]), dtype="float32")
    forward = next(formula for formula in result.formulas if formula.phase == "forward")
    assert (forward.backend, forward.op, forward.formula) == ("chainer", "sigmoid", "sigmoid_by_tanh")
    assert forward.times > 1
    assert forward.ulps > 4
    assert "chainer computes sigmoid forward by sigmoid_by_tanh: up to" in message(result)


def test_an_equivalent_formula_excuses_only_itself() -> None:
    def half_wrong(x: Array) -> Any:
        y, backward = sigmoid_by_tanh(x)
        return y * x.dtype.type(1 - 1e-5), backward

    module = with_changes(sigmoid=half_wrong, FORMULAS={"sigmoid": sigmoid_by_tanh})
    chosen = built_in_scenarios()["layer_norm_adamw"].vary(epochs=2)
    result = run_scenario(chosen, [load_backend("numpy"), LoadedBackend("changed", module)], dtype="float32")
    assert ("changed", "sigmoid", "forward") in culprits(result)


@scenario(seed=1, epochs=3, optimizer=momentum(lr=0.1, momentum=0.9), v_w=randn(3, 3), y=randn(3, 3), w=param(3, 3))
def data_called_like_a_state(op: Any, v_w: Any, y: Any, w: Any) -> Any:
    """Data may have any name, that of the optimizer's state of a weight included."""
    return op.mean_squared_error(op.matmul(v_w, w), y)


def test_data_that_is_called_like_a_state_is_not_taken_for_it() -> None:
    result = run_scenario(data_called_like_a_state, load_backends([]))
    assert result.verdict == "agree"
    assert all(counts["failed"] == counts["unchecked"] == 0 for counts in result.certified.values())


def test_the_table_of_checks_says_how_many_failed() -> None:
    result = run(tiny(), relu=relu_without_mask)
    (row,) = (row for row in sharpness_rows(result) if (row.op, row.phase) == ("relu", "backward"))
    assert (row.used, row.backend) == ("5 failed", "changed")
    assert "5 failed" in certificate_findings(result)
