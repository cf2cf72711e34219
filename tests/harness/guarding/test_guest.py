"""What a user's code sets in the process holds for itself alone, and is told; what would end the process does not."""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import Ended, ProcessExit, deed
from harness.guarding.guest import Guest
from harness.guarding.stopping import stops_noted, time_limit
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.run import run_scenario
from scenarios import Scenario

BACKEND = """
import os, sys, warnings
import numpy as np
import torch
from backends import numpy_manual
from backends.compatibility.chainer import import_chainer
from backends.numpy_manual import *
chainer = import_chainer()

def relu(x):
    return numpy_manual.relu(x)

def train(ops, program, weights, batches, *, trace=False):
    for i, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace)):
        if i == 2:
            LATER
        yield step
"""
CHANGES = [
    ("np.seterr(over='raise')", np.geterr, 'on floating-point errors (np.seterr(over="raise"))'),
    ("np.seterrcall(print)", np.geterrcall, "(np.seterrcall)"),
    ("np.set_printoptions(precision=2)", np.get_printoptions, "(np.set_printoptions(precision=2))"),
    ("np.hypot = np.maximum", lambda: np.hypot, "replaced np.hypot"),
    ("np.random.seed = None", lambda: np.random.seed, "replaced np.random.seed"),
    ("np.random.RandomState = None", lambda: np.random.RandomState, "replaced np.random.RandomState"),
    ("warnings.filterwarnings('error', 'mine')", lambda: tuple(warnings.filters), "turned warnings into errors"),
    ("os.chdir('/')", Path.cwd, "changed the working folder (os.chdir('/'))"),
    ("sys.setrecursionlimit(5000)", sys.getrecursionlimit, ""),
    ("sys.stdout = sys.stderr = None", lambda: (sys.stdout, sys.stderr), ""),
    (
        "torch.set_grad_enabled(False)",
        lambda: __import__("torch").is_grad_enabled(),
        "switched off PyTorch's gradients (torch.set_grad_enabled(False))",
    ),
    (
        "torch.set_default_dtype(torch.float64)",
        lambda: __import__("torch").get_default_dtype(),
        "changed PyTorch's default dtype (torch.set_default_dtype(torch.float64))",
    ),
    (
        "torch.use_deterministic_algorithms(True)",
        lambda: __import__("torch").are_deterministic_algorithms_enabled(),
        "switched on PyTorch's deterministic algorithms (torch.use_deterministic_algorithms(True))",
    ),
    (
        "chainer.config.enable_backprop = False",
        lambda: __import__("chainer").config.enable_backprop,
        "switched off Chainer's enable_backprop (chainer.config.enable_backprop = False)",
    ),
    (
        "chainer.global_config.dtype = np.dtype('float16')",
        lambda: __import__("chainer").config.dtype,
        "(chainer.global_config.dtype = float16)",
    ),
    ("chainer.config.train = False", lambda: __import__("chainer").config.train, "Chainer's train"),
]
ONLY_ON_IMPORT = [
    ("import builtins; builtins.sum = max", lambda: sum, "replaced builtins.sum"),
    ("np.linalg.norm = None", lambda: np.linalg.norm, "replaced np.linalg.norm"),
    (
        "numpy_manual.relu = numpy_manual.tanh",
        lambda: __import__("backends.numpy_manual").numpy_manual.relu,
        "replaced backends.numpy_manual.relu",
    ),
    ("torch.set_default_device('meta')", lambda: str(__import__("torch").get_default_device()), "default device"),
]
ALL_CHANGES = [*CHANGES, *ONLY_ON_IMPORT]


@pytest.fixture(scope="module", autouse=True)
def frameworks() -> None:
    load_backends([])


@pytest.fixture
def guest() -> Guest:
    return Guest()


def backend(path: Path, *, on_import: str = "", later: str = "pass") -> LoadedBackend:
    path.write_text(BACKEND.replace("LATER", later) + on_import)
    return load_backend(f"mine={path}")


@pytest.mark.parametrize(("change", "read", "said"), ALL_CHANGES, ids=[change[0] for change in ALL_CHANGES])
def test_what_an_import_changes_is_put_back_and_told(change: str, read: Any, said: str, tmp_path: Path) -> None:
    before = read()
    mine = backend(tmp_path / "mine.py", on_import=change)
    assert read() == before
    assert (len(mine.guest.changes) == 1 and said in mine.guest.changes[0]) or (not said and not mine.guest.changes)


@pytest.mark.parametrize(("change", "read", "said"), CHANGES, ids=[change[0] for change in CHANGES])
def test_what_an_update_changes_reaches_no_other_backend(
    change: str, read: Any, said: str, tmp_path: Path, tiny: Scenario
) -> None:
    mine = backend(tmp_path / "mine.py", later=change)
    before = read()
    result = run_scenario(tiny.vary(epochs=4), [load_backend("numpy"), mine, *load_backends([])[1:]])
    assert read() == before
    assert result.verdict == "agree"
    assert result.first is None
    told = [note for note in result.notes if note.startswith("mine ")]
    assert len(told) == bool(said)
    assert all(said in note and note.endswith("; everything else ran without that") for note in told)


def test_a_function_of_numpys_that_is_replaced_is_wrong_in_that_backend_alone(tmp_path: Path, tiny: Scenario) -> None:
    replaced = "original = np.maximum; np.maximum = lambda x, y: 1.5 * original(x, y)"
    mine = backend(tmp_path / "mine.py", on_import=replaced)
    result = run_scenario(tiny.vary(epochs=4), [load_backend("numpy"), mine, load_backend("torch")])
    assert [(each.backend, each.op, each.phase) for each in result.culprits] == [("mine", "relu", "forward")]
    assert any(note.startswith("mine replaced np.maximum") for note in result.notes)


def test_a_backend_keeps_its_own_settings(tmp_path: Path, tiny: Scenario) -> None:
    later = (
        "assert np.get_printoptions()['precision'] == 3 and torch.get_default_dtype() is torch.float64\n"
        "            torch.set_grad_enabled(False)\n"
        "        if i == 3:\n"
        "            assert not torch.is_grad_enabled()"
    )
    on_import = "np.set_printoptions(precision=3); torch.set_default_dtype(torch.float64)"
    mine = backend(tmp_path / "mine.py", on_import=on_import, later=later)
    result = run_scenario(tiny.vary(epochs=5), [load_backend("numpy"), mine, load_backend("torch")])
    assert result.verdict == "agree"
    assert [note.partition("(")[2].partition("(")[0] for note in result.notes] == [
        "np.set_printoptions",
        "torch.set_default_dtype",
        "torch.set_grad_enabled",
    ]


def test_what_a_backend_sets_back_itself_is_forgotten(guest: Guest) -> None:
    stay = guest.stay()
    with stay:
        np.set_printoptions(precision=3)
    with stay:
        assert np.get_printoptions()["precision"] == 3
        np.set_printoptions(precision=8)
    with stay:
        assert np.get_printoptions()["precision"] == 8
    assert np.get_printoptions()["precision"] == 8


def test_errstate_around_the_updates_of_a_training(guest: Guest) -> None:
    def training() -> Iterator[None]:
        with np.errstate(over="raise"):
            for _ in range(2):
                assert np.geterr()["over"] == "raise"
                yield

    steps, stay = training(), guest.stay()
    with np.errstate(all="ignore"):
        for _ in range(2):
            with stay:
                next(steps)
            assert np.geterr()["over"] == "ignore"
        with stay:
            assert next(steps, "end") == "end"
        assert set(np.geterr().values()) == {"ignore"}


def test_settings_of_the_test_itself_are_everyones(guest: Guest) -> None:
    with np.printoptions(precision=5):
        with guest.stay():
            assert np.get_printoptions()["precision"] == 5
        assert np.get_printoptions()["precision"] == 5
    assert guest.changes == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SystemExit(3), "raised SystemExit at update 2: 3"),
        (GeneratorExit(), "raised GeneratorExit at update 2"),
        (KeyboardInterrupt(), "raised KeyboardInterrupt at update 2"),
    ],
)
def test_what_would_end_the_process_is_an_error(error: BaseException, said: str, guest: Guest) -> None:
    with stops_noted(signal.SIGINT), pytest.raises(Ended) as ended, guest.stay():
        raise error
    assert deed(ended.value, "update 2") == said


@pytest.mark.parametrize(("status", "said"), [((), ""), ((0,), "0"), (("no",), "'no'")])
def test_an_exit_is_told_as_it_was_called(status: Any, said: str, guest: Guest) -> None:
    with pytest.raises(Ended) as ended, guest.stay():
        sys.exit(*status)
    assert deed(ended.value, "update 2") == f"called sys.exit({said}) at update 2"


def test_an_exit_without_a_word_is_told(guest: Guest) -> None:
    with pytest.raises(Ended) as ended, guest.stay():
        os._exit(0)
    assert deed(ended.value, "update 2") == "called os._exit(0) at update 2"


def test_a_thread_that_is_not_the_guests_may_exit(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a worker, for instance, which ends it when its parent has died."""
    ended: dict[int, type[BaseException]] = {}
    has_begun = threading.Event()

    def exit_process(status: int) -> None:
        raise SystemExit  # it does not return

    def exit_once_it_has_begun(status: int) -> None:
        has_begun.wait()
        try:
            os._exit(status)
        except (SystemExit, ProcessExit) as error:
            ended[status] = type(error)

    monkeypatch.setattr(os, "_exit", exit_process)
    before = threading.Thread(target=exit_once_it_has_begun, args=(3,))
    before.start()
    with guest.stay():
        own = threading.Thread(target=exit_once_it_has_begun, args=(4,))
        own.start()
        has_begun.set()
        for thread in (before, own):
            thread.join()
    assert ended == {3: SystemExit, 4: ProcessExit}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no os.fork() on this system")
def test_a_process_that_code_has_forked_may_exit(guest: Guest) -> None:
    with guest.stay():
        child = os.fork()
        if child == 0:
            os._exit(7)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


@pytest.mark.parametrize("catches", [False, True])
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_is_the_users_even_if_code_catches_it(catches: bool, guest: Guest) -> None:
    def code() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            sum(range(100))
        except KeyboardInterrupt:
            if not catches:
                sys.exit(0)

    with stops_noted(signal.SIGINT), pytest.raises(KeyboardInterrupt), guest.stay():
        code()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_interrupts_are_not_noted_any_may_be_the_users(guest: Guest) -> None:
    with pytest.raises(KeyboardInterrupt), guest.stay():
        raise KeyboardInterrupt


@pytest.mark.parametrize("catches", [False, True])
def test_a_turn_that_takes_too_long_is_ended(catches: bool, guest: Guest) -> None:
    def code() -> None:
        while True:
            try:
                sum(range(1000))
            except BaseException:
                if catches:
                    return
                raise

    with time_limit(0.05), pytest.raises(Ended) as ended, guest.stay():
        code()
    assert deed(ended.value, "update 6") == "took more than 0.05 s for update 6"
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_each_turn_has_its_own_time(guest: Guest) -> None:
    with time_limit(0.3):
        stay = guest.stay()
        for _ in range(4):
            with stay:
                threading.Event().wait(0.1)


@pytest.mark.parametrize(("change", "read", "said"), ALL_CHANGES, ids=[change[0] for change in ALL_CHANGES])
def test_what_an_import_changes_is_put_back_after_every_update(
    change: str, read: Any, said: str, guest: Guest, tmp_path: Path
) -> None:
    guest = backend(tmp_path / "mine.py", on_import=change).guest
    before, stay = read(), guest.stay()
    for _ in range(2):
        with stay:
            inherited = read()
        assert read() == before
    assert (inherited != before) == ("np.seterr" not in change)
