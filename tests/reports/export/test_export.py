"""Exported programs need one framework and NumPy, and print the losses of the run bit for bit."""

import ast
import contextlib
import io
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unittest.mock import Mock

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from backends.vocabulary import BUILT_IN
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import hand_written_ops, load_backends
from harness.recording.recorder import record_program
from harness.run import run_scenario
from harness.running.allowance import Tolerances
from reports.export.frameworks import framework
from reports.export.script import Script
from scenarios import Scenario
from tests.lockstep.commands.commands import Lockstep
from tests.reports.source.test_code_map import AWKWARD, AWKWARD_NAMES

EPOCHS = 2
"""In the second, masks are drawn again, batches shuffled again, and the optimizer's state counts."""

ALLOWED = {"numpy": {"numpy"}, "chainer": {"numpy", "chainer"}, "torch": {"numpy", "torch"}}

TAKEN = """
import numpy as np
from scenarios import adamw, bernoulli, buffer, clip_by_norm, data, param, randn, scenario, sgd, step_decay
from scenarios import weight_decay

@scenario(
    seed=3, epochs=2, batch_size=4, optimizer=sgd(lr=0.1), decay=weight_decay(rate=0.1), sizes={"epoch": 3, "Path": 6},
    schedule=step_decay(every=2, factor=0.5), clipping=clip_by_norm(max_norm=0.1), random=randn("Path", "epoch"),
    order=data(lambda: np.asfortranarray(np.arange(18.0).reshape(6, 3) % 5)), total=bernoulli("Path", 3, keep=0.5),
    name=param("epoch", 3), print=param(3, scale=2), gradients=param(fill=0.5), len=buffer(3, fill=0.25),
)
def names_of_the_script(op, random, order, total, name, print, gradients, len):
    start = op.tanh(op.add(op.matmul(random, name), print))
    batch = op.multiply(op.dropout(start, total, ratio=0.5), gradients)
    archive = op.add(batch, len)
    numbers = op.gelu(archive)
    return op.mean_squared_error(numbers, order), {"len": op.reduce_mean(order, axis=0)}

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), sigmoid=randn(4, 3), np=param(3, 12), c=randn(4, 3))
def names_of_functions(op, x, sigmoid, np, c):
    erf = op.matmul(sigmoid, np)
    LARGE, lstm = op.split(erf, sections=2, axis=1)
    a, b = op.split(LARGE, sections=2, axis=1)
    return op.mean_squared_error(op.gelu(op.add(a, b)), c)

@scenario(
    seed=1, epochs=2, dtype="float64", batch_size=5, optimizer=adamw(lr=0.1, weight_decay=0.1), x=randn(5), w=param()
)
def one_batch(op, x, w):
    '''A "quoted" \\\\ title.'''
    return op.reduce_mean(op.power(op.multiply(x, w), exponent=2))
"""
TAKEN_NAMES = ("names_of_the_script", "names_of_functions", "one_batch")


def script_of(scenario: Scenario, backend: str, dtype: str | None = None) -> Script:
    dtype = dtype or scenario.dtype
    draws = draw_arrays(scenario, dtype)
    program = record_program(scenario, draws, hand_written_ops(()))
    return Script(scenario, program, draws, dtype, framework(backend), command="lockstep export", archive="data.npz")


def losses_of_run(scenario: Scenario, dtype: str | None = None) -> dict[str, list[str]]:
    """What each backend's epochs are to print."""
    backends = load_backends(BUILT_IN)
    loose = Tolerances(rtol=1, atol=1)  # so that nothing but the runs themselves is computed
    result = run_scenario(scenario, backends, dtype=dtype, tolerances=loose, certify=None)
    number = np.dtype(dtype or scenario.dtype).type
    return {name: [str(number(loss)) for loss in losses] for name, losses in result.losses.items()}


def printed_by(text: str, script: Script, folder: Path) -> list[str]:
    """The losses that a program prints, run in this process, where NumPy is imported before it asks for one thread."""
    (folder / "data.npz").write_bytes(script.archive())
    printed = io.StringIO()
    with undone(), contextlib.redirect_stdout(printed), threadpool_limits(1), np.errstate(all="ignore"):
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__", "__file__": str(folder / "script.py")})
    epochs = [line.split() for line in printed.getvalue().splitlines()]
    assert [epoch for epoch, _ in epochs] == [str(1 + i) for i in range(len(epochs))]
    return [loss for _, loss in epochs]


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Changes back what a program changes for itself: environment, threads and stand-ins for Chainer.

    Modules that are imported meanwhile stay: a framework's can't be imported twice. So lockstep imports them first.
    """
    import torch

    load_backends(BUILT_IN)
    environment, modules, names, threads = dict(os.environ), dict(sys.modules), dict(vars(np)), torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        os.environ.clear()
        os.environ.update(environment)
        for name in [name for name, module in sys.modules.items() if isinstance(module, Mock)]:
            del sys.modules[name]
        sys.modules.update(modules)
        for name in [
            name for name, value in vars(np).items() if name not in names and not isinstance(value, ModuleType)
        ]:
            delattr(np, name)


def imported_by(text: str) -> set[str]:
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [n.module if isinstance(n, ast.ImportFrom) else alias.name for n in imports for alias in n.names]
    return {str(name).partition(".")[0] for name in names}


def check(scenario: Scenario, folder: Path, dtype: str | None = None) -> None:
    run_losses = losses_of_run(scenario, dtype)
    for backend in BUILT_IN:
        script = script_of(scenario, backend, dtype)
        text = script.text()
        assert imported_by(text) <= ALLOWED[backend] | sys.stdlib_module_names
        assert max(map(len, text.split("\n"))) <= 120
        assert printed_by(text, script, folder) == run_losses[backend], backend


@pytest.mark.parametrize("name", built_in_scenarios())
def test_a_program_prints_the_losses_of_the_run(name: str, tmp_path: Path) -> None:
    """All backends, bit for bit, from programs that import nothing of lockstep."""
    check(built_in_scenarios()[name].vary(epochs=EPOCHS), tmp_path)


@pytest.mark.parametrize("name", [*AWKWARD_NAMES, *TAKEN_NAMES])
def test_whatever_tensors_are_called(name: str, tmp_path: Path) -> None:
    file = tmp_path / "awkward.py"
    file.write_text(AWKWARD if name in AWKWARD_NAMES else TAKEN)
    check(find_scenarios([f"{file}:{name}"])[0], tmp_path)


@pytest.mark.parametrize("name", ["two_layer_tiny", "dropout_mlp", "digits", "resnet_block"])
def test_in_the_other_dtype(name: str, tmp_path: Path) -> None:
    check(built_in_scenarios()[name].vary(epochs=EPOCHS), tmp_path, "float64")


INFINITE = """
from scenarios import param, randn, scenario, sgd

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def without_ceiling(op, x, y, w):
    return op.mean_squared_error(op.clipped_relu(op.matmul(x, w), ceiling=float("inf")), y)
"""


def test_a_setting_that_is_infinite_is_written_as_python_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "infinite.py"
    file.write_text(INFINITE)
    check(find_scenarios([str(file)])[0], tmp_path)


@pytest.mark.parametrize("backend", BUILT_IN)
def test_the_articles_network_is_a_page(backend: str) -> None:
    text = script_of(built_in_scenarios()["two_layer"], backend).text()
    assert text.count("\n") <= 50
    assert "def " not in text


def test_the_articles_network_by_hand_is_straight_lines() -> None:
    text = script_of(built_in_scenarios()["two_layer"], "numpy").text()
    (loop,) = [node for node in ast.parse(text).body if isinstance(node, ast.For)]
    code = [ast.unparse(line) for line in loop.body]
    assert code == [
        "h = x @ w1",
        "h_r = np.maximum(h, 0)",
        "y_p = h_r @ w2",
        "difference = y_p - y",
        "each = difference * difference",
        "divisor = y_p.size",
        "loss = np.sum(each) / divisor",
        "print(epoch, loss)",
        "grad_loss = loss.dtype.type(1)",
        "grad_y_p = grad_loss * 2 * difference / divisor",
        "grad_h_r = grad_y_p @ w2.T",
        "grad_w2 = h_r.T @ grad_y_p",
        "grad_h = np.where(h > 0, grad_h_r, 0)",
        "grad_w1 = x.T @ grad_h",
        "w1 = w1 - 0.0001 * grad_w1",
        "w2 = w2 - 0.0001 * grad_w2",
    ]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.where(h > 0, grad_h_r, 0)", "grad_h_r"),
        ("0.0001 * grad_w1", "0.00010001 * grad_w1"),
        ("RandomState(1)", "RandomState(2)"),
    ],
)
def test_a_wrong_line_is_seen(right: str, wrong: str, tmp_path: Path) -> None:
    """The check of all these tests can fail."""
    scenario = built_in_scenarios()["two_layer_tiny"].vary(epochs=20)
    script = script_of(scenario, "numpy")
    assert right in script.text()
    run_losses = losses_of_run(scenario)["numpy"]
    assert printed_by(script.text(), script, tmp_path) == run_losses
    assert printed_by(script.text().replace(right, wrong), script, tmp_path) != run_losses


@pytest.mark.parametrize("backend", BUILT_IN)
def test_uv_is_told_what_to_install(backend: str) -> None:
    text = script_of(built_in_scenarios()["two_layer"], backend).text()
    block = text.split("# ///\n")[0].removeprefix("# /// script\n")
    metadata = tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in block.split("\n")))
    assert {name.partition("==")[0] for name in metadata["dependencies"]} == ALLOWED[backend]
    assert metadata["requires-python"] == f">=3.{sys.version_info.minor}"
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    if backend == "chainer":
        ours = project["tool"]["uv"]["build-constraint-dependencies"]
        assert metadata["tool"]["uv"]["build-constraint-dependencies"] == ours


def test_no_parameter_hides_what_a_chain_has() -> None:
    from backends.chainer_autograd.framework import chainer
    from reports.source.chains import CHAIN_ATTRIBUTES

    public = {name for name in dir(chainer.Chain()) if not name.startswith("_")}
    assert public <= set(CHAIN_ATTRIBUTES.split())


@pytest.mark.parametrize(
    ("name", "backend"),
    [("digits", "numpy"), ("two_layer_tiny", "chainer"), pytest.param("digits", "torch", marks=pytest.mark.slow)],
)
def test_in_a_process_of_its_own(name: str, backend: str, lockstep: Lockstep, tmp_path: Path) -> None:
    """Outside the project's folder, from the file that the command writes over an older one, without a warning."""
    file = tmp_path / "mine.py"
    file.write_text("old")
    answer = lockstep("export", name, "--backend", backend, "--epochs", 3, "-o", file)
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.npz", "mine.py"][name != "digits" :]
    command = [sys.executable, "-P", "-W", "error", str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    run_losses = losses_of_run(built_in_scenarios()[name].vary(epochs=3))[backend]
    assert done.stdout.splitlines() == [f"{i} {loss}" for i, loss in enumerate(run_losses, 1)]


def test_options_vary_it_as_those_of_run_do(lockstep: Lockstep, tmp_path: Path) -> None:
    options = ("--epochs", 3, "--seed", 5, "--dtype", "float64", "--batch-size", 2, "--set", "lr=0.01", "--set", "M=5")
    answer = lockstep("export", "two_layer_tiny", *options)
    assert answer.exit_code == 0
    assert "lockstep export two_layer_tiny --backend numpy --seed 5 --epochs 3" in " ".join(answer.stdout.split())
    scenario = built_in_scenarios()["two_layer_tiny"].vary(
        epochs=3, seed=5, batch_size=2, settings={"lr": 0.01, "M": 5}
    )
    run_losses = losses_of_run(scenario, "float64")["numpy"]
    assert printed_by(answer.stdout, script_of(scenario, "numpy", "float64"), tmp_path) == run_losses


def test_settings_are_written_with_every_digit(lockstep: Lockstep) -> None:
    answer = lockstep("export", "two_layer_tiny", "--set", "lr=0.00012345678901234567", "--set", "M=5")
    assert "--set lr=0.00012345678901234567 --set M=5`" in " ".join(answer.stdout.split())


def test_a_file_of_ones_own(lockstep: Lockstep, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(AWKWARD)
    answer = lockstep("export", f"{file}:used_twice", "--backend", "torch")
    assert answer.exit_code == 0
    assert "\n    z = h + h" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("two_layr",), "there is no scenario 'two_layr'; did you mean 'two_layer'"),
        (("two_layer", "--backend", "pytorch"), "pytorch"),
        (("two_layer", "--set", "ls=1"), "scenario two_layer has no setting 'ls'; there are lr, M, N_I"),
        (("digits",), "scenario digits loads data (x, t), written beside the program: say where with -o FILE.py"),
        (("digits", "-o", "digits.npz"), "FILE.npz is for its data"),
        (("two_layer", "-o", "."), "--output .: a program is called FILE.py"),
        (("two_layer", "-o", "/"), "--output /: a program is called FILE.py"),
        (("two_layer", "-o", "two_layer"), "--output two_layer: a program is called FILE.py"),
        (("two_layer", "-o", "numpy.py"), "would hide numpy itself from every program beside it"),
        (("two_layer", "-o", "random.py"), "would hide random itself from every program beside it"),
        (("two_layer", "-o", "nowhere/secrets.py"), "called secrets.py would hide secrets itself"),
        (("two_layer", "-o", "typing_extensions.py"), "would hide typing_extensions itself"),
        (("two_layer", "-o", "nowhere/two_layer.py"), "there is no folder nowhere"),
        (("AWKWARD",), "holds loss_called_cost, names_of_modules"),
    ],
)
def test_wrong_input_is_said(
    arguments: tuple[str, ...], said: str, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "awkward.py"
    file.write_text(AWKWARD)
    answer = lockstep("export", *(str(file) if argument == "AWKWARD" else argument for argument in arguments))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert said in answer.stderr
