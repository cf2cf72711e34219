"""A scenario whose settings, draws or data are not what they have to be is refused with what would be right."""

import re
from pathlib import Path
from typing import Any

import pytest

from scenarios import Scenario, ScenarioError, param, randn, scenario, sgd
from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import CRASHED, WRONG_INPUT, check

REGRESSION = """
import numpy as np
from functools import partial
from scenarios import Optimizer, data, momentum, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def mine(op, x, y, w):
    scores = op.matmul(x, w)
    return op.mean_squared_error(scores, y)
"""

CLASSES = """
import numpy as np
from scenarios import data, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), t=data(lambda: np.arange(4) % 2), w=param(3, 2))
def mine(op, x, t, w):
    scores = op.matmul(x, w)
    return op.softmax_cross_entropy(scores, t)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "seed=1",
            "seed=1, lr=0.1",
            "lr must be drawn with randn(...), param(...), data(...), bernoulli(...) or buffer(...), not 0.1",
        ),
        ("seed=1", "seed=1, lr=0.1", "it belongs to sgd(...)"),
        ("seed=1", "seed=1, batchsize=2", "batchsize must be drawn with"),
        ("seed=1", "seed=1, batchsize=2", "did you mean 'batch_size'?"),
        (
            "x=randn(4, 3)",
            "x=randn",
            "param(...), data(...), bernoulli(...) or buffer(...), not the function randn",
        ),
        ("lr=0.1", "lr=-0.1", "sgd(...): lr must be a finite number of at least 0, not -0.1"),
        ("sgd(lr=0.1)", "sgd", "optimizer must be an optimizer, such as sgd(lr=0.1) or momentum"),
        ("sgd(lr=0.1)", "sgd", "not the function sgd"),
        ("sgd(lr=0.1)", "'sgd'", "optimizer must be an optimizer, such as sgd(lr=0.1)"),
        ("sgd(lr=0.1)", "sgd(0.1)", "sgd(...): too many positional arguments; write it as sgd(lr=0.1)"),
        ("sgd(lr=0.1)", "sgd()", "'lr'; write it as sgd(lr=0.1)"),
        ("sgd(lr=0.1)", "sgd(lr='0.1')", "sgd(...): lr must be a finite number, not '0.1'"),
        ("sgd(lr=0.1)", "sgd(lr=float('nan'))", "sgd(...): lr must be a finite number, not nan"),
        ("sgd(lr=0.1)", "sgd(lr=10**400)", "sgd(...): lr must be a finite number, not a int"),
        ("sgd(lr=0.1)", "sgd(lr=True)", "sgd(...): lr must be a finite number, not True"),
        ("sgd(lr=0.1)", "momentum(lr=1, momentum='0.9')", "momentum(...): momentum must be a finite number, not '0.9'"),
        ("sgd(lr=0.1)", "momentum(lr=1)", "write it as momentum(lr=0.05, momentum=0.9)"),
        ("sgd(lr=0.1)", "Optimizer(sgd, {})", "Optimizer: name must be a name, not the function sgd"),
        ("sgd(lr=0.1)", "Optimizer('sgd', 0.1)", "Optimizer: settings must be a dict by name, not 0.1"),
        ("epochs=3", "epochs='3'", "scenario mine: epochs must be a whole number of at least 1, not '3'"),
        ("epochs=3", "epochs=True", "epochs must be a whole number of at least 1, not True"),
        ("epochs=3", "epochs=None", "epochs must be a whole number of at least 1, not None"),
        ("epochs=3, ", "", "'epochs'; write it as @scenario(seed=1, epochs=50,"),
        ("seed=1", "seed='1'", "seed must be a whole number from 0 to 2**32 - 1, not '1'"),
        ("seed=1", "seed=-1", "seed must be a whole number from 0 to 2**32 - 1, not -1"),
        ("seed=1", "seed=1, dtype='float16'", "dtype must be float32 or float64, not 'float16'"),
        ("seed=1", "seed=1, dtype=np.dtype('float32')", "dtype must be float32 or float64, not dtype('float32')"),
        ("seed=1", "seed=1, batch_size=2.5", "batch_size must be a whole number of at least 1, not 2.5"),
        ("seed=1", "seed=1, batch_size='4'", "batch_size must be a whole number of at least 1, not '4'"),
        ("seed=1", "seed=1, batch_size=0", "batch_size must be a whole number of at least 1, not 0"),
        ("seed=1", "seed=1, batch_size=True", "batch_size must be a whole number of at least 1, not True"),
        ("seed=1", "seed=1, sizes=[3]", "sizes must be a dict by name, not [3]"),
        ("seed=1", "seed=1, sizes={'N': 2.5}", "scenario mine: N must be a whole number of at least 1, not 2.5"),
        ("seed=1", "seed=1, sizes={3: 3}", "the key of a setting must be a name, not 3"),
        ("seed=1", "seed=1, sizes={'lr': 3}", "sizes= has a setting lr, and sgd has one, too"),
        ("seed=1", "seed=1, sizes={'epochs': 3}", "epochs is an option of `lockstep run`; rename the setting"),
        (
            "randn(4, 3)",
            "randn('N_I', 3), sizes={'N_i': 3}",
            "a size named 'N_I', which sizes= does not define; did you",
        ),
        ("seed=1", "seed=1, accuracy='scores'", "accuracy must be the names of the scores and of the labels, such as"),
        (
            "seed=1",
            "seed=1, accuracy=('scores',)",
            "accuracy must be the names of the scores and of the labels, such as",
        ),
        ("seed=1", "seed=1, accuracy=(1, 2)", "not (1, 2)"),
        ("randn(4, 3)", "randn(20, -1)", "randn(...): a size must be a whole number of at least 1 or a name"),
        ("randn(4, 3)", "randn((20, 4))", "randn(...) takes its sizes one by one: write randn(20, 4)"),
        ("randn(4, 3)", "randn(2.5)", "randn(...): a size must be a whole number of at least 1 or a name"),
        ("randn(4, 3)", "randn(4, fill=3)", "randn(...): got an unexpected keyword argument 'fill'"),
        ("randn(4, 3)", "randn(4, scalee=3)", "argument 'scalee'; did you mean 'scale'? Write it as randn(20, 4"),
        ("param(3, 2)", "param(3, 2, scale='a')", "param(...): scale must be a finite number, not 'a'"),
        ("param(3, 2)", "param(3, 2, fill='a')", "param(...): fill must be a finite number, not 'a'"),
        (
            "param(3, 2)",
            "param(3, 2, scale=1, fill=1)",
            "param(...): scale is for random numbers and fill for a constant",
        ),
        ("randn(4, 3)", "data(np.ones((4, 3)))", "data(...): load must be a function that returns the array, as in"),
        (
            "randn(4, 3)",
            "data(lambda: np.ones((4, 3)), picture=3)",
            "data(...): picture must be the rows and columns of a picture, such as (8, 8), not 3",
        ),
        ("randn(4, 3)", "data(lambda: 1, 2)", "data(...): load_held_out must be a function that returns the array"),
        ("\ndef mine", "\n@partial\ndef mine", "function must be a function, as in def mine(op, x, w)"),
    ],
)
def test_a_wrong_setting(old: str, new: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    assert old in REGRESSION
    mine.write_text(REGRESSION.replace(old, new))
    answer = lockstep("run", mine)
    check(answer, WRONG_INPUT, "mine.py, line 6: ", said)
    assert "ScenarioError" not in answer.stderr
    check(lockstep("map", mine), WRONG_INPUT, said)


@pytest.mark.parametrize(
    ("decorator", "said"),
    [
        ("@scenario", "scenario(...): too many positional arguments; write it as @scenario(seed=1, epochs=50,"),
        ("@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1))", "nothing to train; draw at least one weight with param"),
        ("@scenario()", "'seed'; write it as @scenario(seed=1, epochs=50,"),
    ],
)
def test_a_decorator_without_what_it_needs(decorator: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(f"from scenarios import scenario, sgd\n{decorator}\ndef mine(op):\n    return 1\n")
    check(lockstep("run", mine), WRONG_INPUT, "mine.py, line 2: ", said)


def test_whole_numbers_of_any_type_are_taken(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        REGRESSION.replace("seed=1", "seed=np.int64(1), batch_size=2.0, sizes={'N': np.int32(4)}")
        .replace("x=randn(4", "x=randn('N'")
        .replace("lr=0.1", "lr=np.float64(0.1)")
    )
    assert lockstep("run", mine, "--json", mine.with_suffix(".json")).exit_code == 0


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ("lambda: 1 / 0", "x can't be drawn: ZeroDivisionError: division by zero"),
        ("lambda: exit(3)", "x can't be drawn: it raised SystemExit: 3"),
        ("lambda path: np.ones((4, 3))", "x can't be drawn: TypeError"),
        ("lambda: [[1.0]]", "x can't be drawn: data(...) must load a NumPy array, not list"),
        (
            "lambda: np.ones((4, 3)), picture=(2, 2)",
            "x can't be drawn: its shape is (4, 3); with picture=(2, 2) each row must be 2·2 = 4 numbers",
        ),
        ("lambda: None", "x can't be drawn: data(...) must load a NumPy array, not NoneType"),
        ("lambda: np.ma.masked_less(np.ones((4, 3)), 2)", "must load a NumPy array, not MaskedArray"),
        ("lambda: np.ones((4, 3), object)", "data(...) must load floats, or integers for labels, not object"),
        ("lambda: np.full((4, 3), 'a')", "data(...) must load floats, or integers for labels, not <U1"),
        ("lambda: np.ones((4, 3), bool)", "data(...) must load floats, or integers for labels, not bool"),
        ("lambda: np.ones((4, 3), complex)", "data(...) must load floats, or integers for labels, not complex128"),
        ("lambda: np.full((4, 3), np.nan)", "x holds NaN or infinity"),
        ("lambda: np.full((4, 3), 1e300)", "x holds NaN or infinity (in float32)"),
        ("lambda: np.ones((0, 3))", "x has no elements"),
        ("lambda: np.array(1.0)", "op.matmul(x, w) can't take x ()"),
        ("lambda: np.ones((4, 3), np.uint8)", "op.matmul(x, w): x holds integers, which only labels may be"),
        ("lambda: np.ones((4, 3), int), dtype='float64'", "convert it to float where it is loaded"),
        ("lambda: np.ones((4, 3)), lambda: np.ones((2, 2))", "the held-out part of x has rows of shape (2,)"),
        ("lambda: np.ones((4, 3)), lambda: np.full((2, 3), np.nan)", "the held-out part of x holds NaN"),
        ("lambda: np.ones((4, 3)), lambda: np.ones((2, 3), bool)", "or integers for labels, not bool"),
    ],
)
def test_wrong_data(load: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    load, comma, setting = load.partition(", dtype")
    mine.write_text(REGRESSION.replace("x=randn(4, 3)", f"x=data({load}){comma}{setting}"))
    exit_code = CRASHED if re.search(r"can't be drawn: (it raised |\w+Error)", said) else WRONG_INPUT
    check(lockstep("run", mine), exit_code, "scenario mine", said)
    check(lockstep("map", mine), exit_code, "scenario mine", said)


def test_an_error_of_a_load_function_has_its_line(lockstep: Lockstep, mine: Path) -> None:
    loads = "def load():\n    return open('nowhere')\n\n@scenario"
    mine.write_text(REGRESSION.replace("@scenario", loads).replace("x=randn(4, 3)", "x=data(load)"))
    check(lockstep("run", mine), CRASHED, "scenario mine, line 7 of mine.py: x can't be drawn: FileNotFoundError")


def test_infinity_out_of_a_scale(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(REGRESSION.replace("param(3, 2)", "param(3, 2, scale=1e39)"))
    check(lockstep("run", mine), WRONG_INPUT, "w holds NaN or infinity (in float32)")


def test_targets_that_are_no_labels_must_be_floats(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(REGRESSION.replace("y=randn(4, 2)", "y=data(lambda: np.ones((4, 2), int))"))
    check(lockstep("run", mine), WRONG_INPUT, "line 9", "op.mean_squared_error(scores, y): y holds integers")


@pytest.mark.parametrize("stored", ["int8", "uint8", "int32", ">i8", "int64"])
def test_labels_of_any_integer_type_are_taken(stored: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(CLASSES.replace("np.arange(4) % 2", f"(np.arange(4) % 2).astype('{stored}')"))
    assert lockstep("run", mine).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'scores', 't'", "'loss', 't'", "accuracy's scores, loss, have shape (), not (N, C)"),
        ("'scores', 't'", "'scores', 'x'", "accuracy's labels, x, have shape (4, 3), not (4,)"),
        (", lambda: np.arange(2)", "", "t has no held-out part, while other data has"),
        ("np.arange(2))", "np.arange(3) % 2)", "held-out data must be of one length, not x 2, t 3"),
    ],
)
def test_an_accuracy_that_cannot_be_computed(old: str, new: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    text = (
        CLASSES.replace("seed=1", "seed=1, accuracy=('scores', 't')")
        .replace("randn(4, 3)", "data(lambda: np.ones((4, 3)), lambda: np.ones((2, 3)))")
        .replace("np.arange(4) % 2", "np.arange(4) % 2, lambda: np.arange(2)")
    )
    assert old in text
    mine.write_text(text.replace(old, new))
    check(lockstep("run", mine), WRONG_INPUT, "scenario mine", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "n_h=3"], "scenario two_layer_tiny has no setting 'n_h'; did you mean 'N_H'?"),
        (
            ["--set", "seed=3"],
            "scenario two_layer_tiny: seed is no setting, but has an option of its own: --seed, or seed=… in Python",
        ),
        (["--set", "epochs=3"], "epochs is no setting, but has an option of its own: --epochs, or epochs=… in Python"),
        (
            ["--set", "batch_size=3"],
            "batch_size is no setting, but has an option of its own: --batch-size, or batch_size=… in Python",
        ),
        (["--set", "dtype=64"], "dtype is no setting, but has an option of its own: --dtype, or dtype=… in Python"),
        (["--set", "M=inf"], "M must be a whole number of at least 1, not inf"),
        (["--set", "M=0"], "scenario two_layer_tiny: M must be a whole number of at least 1, not 0"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_a_wrong_set(arguments: list[str], said: str, lockstep: Lockstep) -> None:
    check(lockstep("run", "two_layer_tiny", *arguments), WRONG_INPUT, said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": {"lr": "fast"}}, "sgd(...): lr must be a finite number, not 'fast'"),
        ({"settings": {"M": "4"}}, "scenario two_layer_tiny: M must be a whole number of at least 1, not '4'"),
        ({"seed": "1"}, "scenario two_layer_tiny: seed must be a whole number"),
        ({"dtype": 32}, "scenario two_layer_tiny: dtype must be float32 or float64, not 32"),
    ],
)
def test_vary_checks_as_the_definition_does(changes: dict[str, Any], said: str, tiny: Scenario) -> None:
    with pytest.raises(ScenarioError) as raised:
        tiny.vary(**changes)
    assert said in str(raised.value)


def test_a_callable_object_is_no_function() -> None:
    class Network:
        def __call__(self, op: Any, x: Any, w: Any) -> Any: ...

    with pytest.raises(ScenarioError, match="scenario Network: function must be a function"):
        scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(2, 2), w=param(2, 2))(Network())


def test_a_file_named_without_its_ending(lockstep: Lockstep, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine.write_text(REGRESSION)
    monkeypatch.chdir(mine.parent)
    check(lockstep("run", "mine"), WRONG_INPUT, "there is no scenario 'mine'; did you mean ./mine.py?")
    check(lockstep("run", "./mine"), WRONG_INPUT, "did you mean ./mine.py?")
    check(lockstep("run", "mine:mine"), WRONG_INPUT, "did you mean ./mine.py:mine?")
    check(lockstep("map", "mine"), WRONG_INPUT, "did you mean ./mine.py?")
    check(lockstep("run", mine.with_suffix("")), WRONG_INPUT, f"did you mean {mine}?")
