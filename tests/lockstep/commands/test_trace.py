"""`lockstep trace`: every tensor of an update stands beside its line, and what differs is said in ulps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backends import numpy_manual
from backends.vocabulary import BUILT_IN
from harness.errors import InputError
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.running.traced import Distance, TracedUpdate, distance, trace_update
from lockstep.pytest_plugin import loaded_or_skipped
from reports.languages.language import Language
from reports.source.code_map import code_map
from reports.text.trace import NOT_YET_TRAINED, parts, render_trace, tensor_names
from scenarios import Scenario
from tests.lockstep.commands.commands import Lockstep

NUMPY = LoadedBackend("numpy", numpy_manual)


@pytest.fixture(autouse=True)
def _frameworks(pytestconfig: pytest.Config) -> None:
    for name in BUILT_IN:
        loaded_or_skipped(name, required=pytestconfig.getoption("--require-backends"))


def test_every_tensor_of_an_update_and_every_line_of_numpy_is_there(scenario: Scenario) -> None:
    traced = trace_update(scenario, [NUMPY], epoch=2)
    (only,) = traced.by_backend.values()
    program, step = traced.program, only.step
    shown = parts(traced)
    shown_names = {str(node) for node in program.nodes() if node.read(step) is not None}
    assert {*shown_names, *program.data} <= {*tensor_names(traced)}
    lines = [line for part in shown for line in part.lines]
    for row in code_map(program)[: len(program.calls)]:
        assert all(line in lines for cell in row.cells[:2] for line in cell)
    text = render_trace("title", traced)
    assert all(f">>> {line}" in text for line in lines)


def test_backward_comes_in_reverse_and_weights_last(tiny: Scenario) -> None:
    assert [(part.title, list(part.tensors)) for part in parts(trace_update(tiny, [NUMPY], epoch=1))] == [
        ("given", ["x", "y", "w1", "w2"]),
        ("op.matmul", ["h"]),
        ("op.relu", ["h_r"]),
        ("op.matmul", ["y_p"]),
        ("op.mean_squared_error", ["loss"]),
        ("loop: backward", []),
        ("op.mean_squared_error, backward", ["grad_y_p"]),
        ("op.matmul, backward", ["grad_h_r", "grad_w2"]),
        ("op.relu, backward", ["grad_h"]),
        ("op.matmul, backward", ["grad_w1"]),
        ("optimizer sgd", ["w1", "w2"]),
    ]


def tensors_by_part(name: str, *, epoch: int = 1, update: int = 1) -> dict[str, list[str]]:
    """The tensors of each part of a trace of a built-in scenario."""
    traced = trace_update(built_in_scenarios()[name], [NUMPY], epoch=epoch, update=update)
    return {part.title: list(part.tensors) for part in parts(traced)}


def test_every_optimizer_shows_the_weights_that_it_trains() -> None:
    by_part = tensors_by_part("two_optimizers")
    assert by_part["optimizer momentum"] == ["v_w", "v_b", "w", "b"]
    assert by_part["optimizer adagrad"] == ["h_table", "table"]


def test_the_gradient_of_a_weight_that_is_not_yet_trained_stands_apart() -> None:
    of_encoder, of_middle = (["grad_encoder.w", "grad_encoder.b"], ["grad_middle.w", "grad_middle.b"])
    shown = parts(trace_update(built_in_scenarios()["gradual_unfreezing"], [NUMPY], epoch=1))
    (frozen,) = (part for part in shown if part.title == NOT_YET_TRAINED)
    assert list(frozen.tensors) == [*of_middle, *of_encoder]
    assert not any(array.any() for made in frozen.tensors.values() for array in made.values())
    others = [name for part in shown if part is not frozen for name in part.tensors]
    assert set(others).isdisjoint(frozen.tensors)
    assert tensors_by_part("gradual_unfreezing", epoch=2)[NOT_YET_TRAINED] == of_middle
    assert NOT_YET_TRAINED not in tensors_by_part("gradual_unfreezing", epoch=4)


@pytest.mark.parametrize("name", ["grad_encoder.w", "grad_encoder_w"])
def test_a_tensor_is_asked_for_by_its_name_or_as_lines_have_it(name: str, lockstep: Lockstep) -> None:
    answer = lockstep("trace", "gradual_unfreezing", "--epoch", "2", "--backend", "numpy", "--tensor", name)
    assert answer.exit_code == 0
    assert "\ngrad_encoder.w (6, 8)\n" in answer.stdout
    assert "grad_encoder.b (8,)" not in answer.stdout


def test_a_later_batch_of_a_step_begins_with_the_gradients_of_those_before() -> None:
    scenario = built_in_scenarios()["accumulated_and_clipped"]
    first, second, third = (trace_update(scenario, [NUMPY], epoch=1, update=n) for n in (1, 2, 3))
    (given,) = (part for part in parts(second) if part.title == "given")
    assert {"grad_w1", "grad_b1", "grad_w2"} <= given.tensors.keys()
    for weight, grad in first.by_backend["numpy"].step.grads.items():
        np.testing.assert_array_equal(given.tensors[f"grad_{weight}"]["numpy"], grad)
    assert {name for name in parts(third)[0].tensors if name.startswith("grad_")} == set()
    titles = [part.title for part in parts(second)]
    assert (
        titles.index("op.mean_squared_error") < titles.index("loop: clear gradients") < titles.index("loop: backward")
    )
    assert "    grad_w2 = np.zeros_like(w2)" in [line for part in parts(second) for line in part.lines]


def test_an_epoch_begins_where_the_one_before_ended(tiny: Scenario) -> None:
    second, third = (trace_update(tiny, [load_backend(name) for name in BUILT_IN], epoch=n) for n in (2, 3))
    for backend, before in second.by_backend.items():
        for name, array in before.step.weights.items():
            assert array.tobytes() == third.by_backend[backend].weights[name].tobytes()
            assert array.tobytes() != before.weights[name].tobytes()


@pytest.mark.parametrize("epoch", [1, 7, 300])
def test_the_loss_is_that_of_the_run(tiny: Scenario, epoch: int) -> None:
    backends = [load_backend(name) for name in BUILT_IN]
    losses = run_scenario(tiny, backends, certify=None).losses
    for backend, update in trace_update(tiny, backends, epoch=epoch).by_backend.items():
        assert float(update.step.loss) == losses[backend][epoch - 1]


def test_every_update_of_an_epoch_of_batches_can_be_shown(lockstep: Lockstep) -> None:
    first, second = (
        lockstep("trace", "digits", "--epoch", "1", "--update", update, "--tensor", "x", "--backend", "numpy").stdout
        for update in (1, 2)
    )
    assert first.splitlines()[0] == "digits float32, epoch 1 of 20, update 1 of 23 (numpy)"
    assert first.splitlines()[1:] != second.splitlines()[1:]
    answer = lockstep("trace", "digits", "--update", "24")
    assert (answer.exit_code, answer.stderr) == (
        2,
        "lockstep: scenario digits has no update 24 in an epoch; there are 23\n",
    )


@pytest.mark.parametrize(
    ("got", "want", "found"),
    [
        ([1.0, 2.0], [1.0, 2.0], Distance(0, 0.0, (0,))),
        ([1.0, 2.0 + 2**-22], [1.0, 2.0], Distance(1, 1.0, (1,))),
        ([1.0 + 3 * 2**-23, 5.0], [1.0, 5.0], Distance(1, 3.0, (0,))),
        ([0.0, -0.0], [0.0, 0.0], Distance(1, 0.0, (0,))),
        ([np.nan, 1.0], [np.nan, 1.0], Distance(0, 0.0, (0,))),
        ([-np.nan, 1.0], [np.nan, 1.0], Distance(0, 0.0, (0,))),
        ([np.nan, 1.0], [0.0, 1.0], Distance(1, np.inf, (0,))),
        ([1.0, np.inf], [1.0, 1.0], Distance(1, np.inf, (1,))),
    ],
    ids=["same", "one-ulp", "three-ulps", "zeros", "both-nan", "nan-of-other-sign", "nan", "infinity"],
)
def test_arrays_are_compared_in_ulps(got: list[float], want: list[float], found: Distance) -> None:
    assert distance(np.array(got, np.float32), np.array(want, np.float32)) == found


def drawn_with(scenario: Scenario, language: Language = "en", **ops: object) -> str:
    """The trace of NumPy, and of NumPy with some ops changed."""
    changed = type("changed", (), {**{name: staticmethod(f) for name, f in vars(numpy_manual).items() if callable(f)}})
    for name, function in ops.items():
        setattr(changed, name, staticmethod(function))  # type: ignore[arg-type]
    return render_trace(
        "title", trace_update(scenario, [NUMPY, LoadedBackend("mine", changed)], epoch=1), language=language
    )


def test_what_is_the_same_stands_once(tiny: Scenario) -> None:
    text = drawn_with(tiny)
    assert text.count("\nh (2, 2)\n") == text.count("\ngrad_w1 (3, 2)\n") == 1
    assert "off from" not in text


def test_what_differs_stands_in_each_with_how_far_off(tiny: Scenario) -> None:
    def relu(x: np.ndarray) -> object:
        result, backward = numpy_manual.relu(x)
        return np.nextafter(result, np.float32(np.inf)), backward

    text = drawn_with(tiny, relu=relu)
    japanese = drawn_with(tiny, "ja", relu=relu)
    assert "\nh_r (2, 2)：numpy\n" in japanese
    assert "\nh_r (2, 2)：mine、4 要素中 4 要素が numpy と異なり、最大 1 ulp（[0, 0]、0.0 が 1e-45）\n" in japanese
    assert "\nloss：numpy\n" in japanese
    assert " in mine" not in japanese
    assert "\nh (2, 2)\n" in text
    assert "\nh_r (2, 2) in numpy\n[[0.         0.51268864]\n" in text
    assert "\nh_r (2, 2) in mine, 4 of 4 elements off from numpy's, by up to 1 ulp at [0, 0], 1e-45 for 0.0\n" in text
    assert "\nloss in mine, off from numpy's by " in text


def test_a_backend_that_shows_nothing_on_the_way_is_said(tiny: Scenario) -> None:
    def train(*arguments: object, trace: bool = False) -> object:
        return numpy_manual.train(*arguments, trace=False)  # type: ignore[arg-type]

    text = drawn_with(tiny, train=train)
    assert text.endswith("\nmine shows no tensors between its weights and its loss\n")
    assert "\nloss\n" in text


def test_a_backend_that_breaks_the_contract_is_named(tiny: Scenario) -> None:
    def train(*arguments: object, trace: bool = False) -> object:
        for step in numpy_manual.train(*arguments, trace=trace):  # type: ignore[arg-type]
            yield replace(step, state={"v_w1": step.loss})

    with pytest.raises(InputError, match="backend mine yielded state v_w1; they should be none"):
        drawn_with(tiny, train=train)


def test_large_tensors_are_corners_and_norms(lockstep: Lockstep) -> None:
    text = lockstep("trace", "two_layer", "--tensor", "w1", "--backend", "numpy").stdout
    w1 = trace_of_two_layer().by_backend["numpy"].weights["w1"]
    assert text.count("w1 (1000, 100)") == 2, "before the update and after it"
    assert f"norm {np.sqrt(np.sum(w1.astype(float) ** 2)):.9g}, largest {np.abs(w1).max():.9g}" in text
    assert len(text.splitlines()) < 40


def trace_of_two_layer() -> TracedUpdate:
    return trace_update(built_in_scenarios()["two_layer"], [NUMPY], epoch=1)


def test_a_terminal_has_colours_unless_it_wants_none(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in lockstep("trace", "two_layer_tiny").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lockstep("trace", "two_layer_tiny").stdout


def test_a_file_of_ones_own_and_an_output(lockstep: Lockstep, tmp_path: Path) -> None:
    file, output = tmp_path / "mine.py", tmp_path / "trace.txt"
    file.write_text(
        "from scenarios import param, randn, scenario, sgd\n"
        "@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(2, 3), y=randn(2, 2), w=param(3, 2))\n"
        "def mine(op, x, y, w):\n"
        "    return op.mean_squared_error(op.tanh(op.matmul(x, w)), y)\n",
        encoding="utf-8",
    )
    answer = lockstep("trace", file, "--dtype", "float64", "--output", output)
    assert (answer.exit_code, answer.stdout) == (0, "")
    text = output.read_text(encoding="utf-8")
    assert text.startswith("mine float64, epoch 1 of 3 (numpy, chainer and torch)\n\ngiven\nx (2, 3)\n[[")
    assert ">>> tanh_1 = np.tanh(matmul_1)\n" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("two_layer_tini",), "there is no scenario 'two_layer_tini'; did you mean 'two_layer_tiny'?"),
        (("two_layer_tiny", "--epoch", "301"), "two_layer_tiny has no epoch 301; it trains for 300"),
        (("two_layer_tiny", "--epoch", "0"), "two_layer_tiny has no epoch 0; it trains for 300"),
        (
            ("two_layer_tiny", "--tensor", "grad_w3"),
            "has no tensor 'grad_w3'; did you mean 'grad_w2'?",
        ),
        (("two_layer_tiny", "--backend", "nunpy"), "there is no backend 'nunpy'; did you mean 'numpy'?"),
        (("two_layer_tiny", "--backend", "numpy", "--backend", "numpy"), "two backends are called 'numpy'"),
        (("two_layer_tiny", "--output", "no/such/folder/file"), "there is no folder"),
    ],
)
def test_wrong_usage(lockstep: Lockstep, arguments: tuple[str, ...], message: str) -> None:
    answer = lockstep("trace", *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert message in answer.stderr


def test_a_setting_changes_what_is_traced(lockstep: Lockstep) -> None:
    answer = lockstep("trace", "two_layer_tiny", "--set", "N_H=1", "--seed", "7", "--tensor", "h")
    assert answer.exit_code == 0
    assert "\nh (2, 1)" in answer.stdout
