"""Batches: dealt from rows, in the order given, and what is drawn or given per update."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backends
from harness.run import run_scenario
from scenarios import DTYPES, Scenario, bernoulli, data, param, randn, scenario, sgd
from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import WRONG_INPUT, check
from tests.reports.export.test_export import losses_of_run, printed_by, script_of

BATCHES = [np.arange(6.0).reshape(2, 3), np.arange(3.0).reshape(1, 3), np.arange(9.0).reshape(3, 3)]


def drawn(**changes: Any) -> Draws:
    return draw_arrays(a_scenario(**changes), "float32")


def a_scenario(**changes: Any) -> Scenario:
    @scenario(**{"seed": 1, "epochs": 2, "optimizer": sgd(lr=0.1), "x": randn(10, 3), "w": param(3, 2), **changes})
    def mine(op: Any, x: Any, w: Any) -> Any:
        return op.reduce_mean(op.matmul(x, w))

    return mine


def test_rows_come_in_the_order_given_in_every_epoch() -> None:
    draws = drawn(batch_size=4, shuffle=False)
    batches = [batch["x"] for batch in draws.batches(2)]
    assert [len(batch) for batch in batches] == [4, 4, 2] * 2
    for epoch in (batches[:3], batches[3:]):
        np.testing.assert_array_equal(np.concatenate(epoch), draws.data["x"])


def test_rows_are_shuffled_unless_said_otherwise() -> None:
    draws = drawn(batch_size=4)
    batches = [batch["x"] for batch in draws.batches(2)]
    orders = [np.concatenate(epoch) for epoch in (batches[:3], batches[3:])]
    assert not np.array_equal(orders[0], draws.data["x"])
    assert not np.array_equal(orders[0], orders[1])


def test_the_rows_that_are_left_over_may_be_dropped() -> None:
    draws = drawn(batch_size=4, shuffle=False, drop_last=True)
    assert draws.batch_rows == [4, 4]
    batches = [batch["x"] for batch in draws.batches(2)]
    np.testing.assert_array_equal(np.concatenate(batches), np.concatenate([draws.data["x"][:8]] * 2))
    whole = drawn(batch_size=5, drop_last=True)
    assert whole.batch_rows == [5, 5]


def test_a_sampler_says_which_rows_each_epoch_has() -> None:
    orders = [[3, 3, 0, 9, 1], [8, 7, 6, 5, 4]]
    draws = drawn(batch_size=2, sampler=lambda epoch, rows: np.array(orders[epoch - 1]))
    assert draws.batch_rows == [2, 2, 1]
    batches = [batch["x"] for batch in draws.batches(2)]
    for epoch, order in zip((batches[:3], batches[3:]), orders, strict=True):
        np.testing.assert_array_equal(np.concatenate(epoch), draws.data["x"][order])


def test_a_sampler_leaves_the_scenarios_random_numbers_alone() -> None:
    def masks(**changes: Any) -> list[Array]:
        return [batch["mask"] for batch in drawn(mask=bernoulli(2, 2, keep=0.5, per="update"), **changes).batches(2)]

    in_order = masks(batch_size=5, shuffle=False)
    sampled = masks(batch_size=5, sampler=lambda epoch, rows: np.random.RandomState(epoch).permutation(rows))
    np.testing.assert_array_equal(in_order, sampled)


def test_a_single_number_is_whole_in_every_batch() -> None:
    draws = drawn(batch_size=4, share=data(lambda: np.array(0.5)))
    assert [batch["share"].shape for batch in draws.batches(1)] == [(), (), ()]
    assert draws.rows == 10


@pytest.mark.parametrize("draw", [bernoulli(8, 5, keep=0.5, per="update"), randn(8, 5, scale=3, per="update")])
@pytest.mark.parametrize("batch_size", [None, 4])
def test_what_is_drawn_per_update_is_whole_and_new_in_each(draw: Any, batch_size: int | None) -> None:
    draws = drawn(batch_size=batch_size, noise=draw)
    one, other = ([batch["noise"] for batch in draws.batches(4)] for _ in range(2))
    assert all(array.shape == (8, 5) and array.dtype == np.float32 for array in one)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert len({array.tobytes() for array in one}) == len(one)
    np.testing.assert_array_equal(one[0], draws.data["noise"])


def test_what_is_drawn_per_epoch_and_per_run() -> None:
    draws = drawn(batch_size=5, noise=randn(10, per="epoch"), mask=bernoulli(10, keep=0.5, per="run"), shuffle=False)
    first, second, third, fourth = draws.batches(2)
    assert not np.array_equal(np.append(first["noise"], second["noise"]), np.append(third["noise"], fourth["noise"]))
    np.testing.assert_array_equal(np.append(first["mask"], second["mask"]), np.append(third["mask"], fourth["mask"]))


def test_a_float64_run_sees_the_noise_of_the_float32_run() -> None:
    chosen = a_scenario(noise=randn(2, per="update"))
    ours, wider = (list(draw_arrays(chosen, dtype).batches(3)) for dtype in ("float32", "float64"))
    for one, other in zip(ours, wider, strict=True):
        np.testing.assert_array_equal(one["noise"].astype(np.float64), other["noise"])


def test_batches_that_are_given_come_as_they_are() -> None:
    draws = drawn(x=data(lambda: BATCHES, per="update"), whole=randn(7))
    assert draws.batch_rows == [2, 1, 3]
    batches = list(draws.batches(2))
    assert [batch["x"].tolist() for batch in batches] == [array.tolist() for array in BATCHES] * 2
    assert all(np.array_equal(batch["whole"], draws.data["whole"]) for batch in batches)


def test_an_array_of_one_more_axis_gives_each_update_its_part() -> None:
    weights: Array = np.array([0.5, 0.25, 0.125])
    draws = drawn(batch_size=4, beta=data(lambda: weights, per="update"))
    assert [batch["beta"].item() for batch in draws.batches(1)] == weights.tolist()


def test_a_backend_that_writes_into_a_batch_changes_no_other() -> None:
    draws = drawn(x=data(lambda: BATCHES, per="update"))
    for batch in draws.batches(1):
        batch["x"][...] = 0
    assert [batch["x"].tolist() for batch in draws.batches(1)] == [array.tolist() for array in BATCHES]


def test_held_out_rows_meet_the_mean_of_what_is_drawn() -> None:
    def three() -> Array:
        return np.ones((3, 3))

    draws = drawn(
        x=data(lambda: np.ones((10, 3)), held_out=three),
        mask=bernoulli(3, 2, keep=0.75, per="update"),
        noise=randn(10, 2, per="epoch"),
    )
    np.testing.assert_array_equal(draws.held_out["mask"], np.full((3, 2), 0.75, np.float32))
    np.testing.assert_array_equal(draws.held_out["noise"], np.zeros((3, 2), np.float32))


@pytest.mark.parametrize("name", ["drop_connect", "given_batches"])
def test_networks_that_are_given_something_per_update_agree(name: str) -> None:
    chosen = built_in_scenarios()[name]
    for dtype in DTYPES:
        assert run_scenario(chosen, load_backends([]), dtype=dtype).verdict == "agree"


def noisy_batches() -> Scenario:
    @scenario(
        seed=1,
        epochs=3,
        batch_size=4,
        optimizer=sgd(lr=0.1),
        x=randn(10, 3),
        beta=data(lambda: np.array([0.5, 0.25, 0.125]), per="update"),
        other=data(lambda: BATCHES, per="update"),
        noise=randn(2, per="update"),
        mask=bernoulli(10, 2, keep=0.5),
        w=param(3, 2),
    )
    def everything(op: Any, x: Any, beta: Any, other: Any, noise: Any, mask: Any, w: Any) -> Any:
        h = op.multiply(op.add(op.matmul(x, w), noise), mask)
        both = op.add(op.reduce_mean(op.multiply(h, h)), op.reduce_mean(op.tanh(op.matmul(other, w))))
        return op.multiply(beta, both)

    return everything


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
@pytest.mark.parametrize("name", ["everything", "drop_connect", "given_batches", "balanced_batches"])
def test_exported_programs_draw_the_same(backend: str, name: str, tmp_path: Path) -> None:
    chosen = noisy_batches() if name == "everything" else built_in_scenarios()[name].vary(epochs=3)
    script = script_of(chosen, backend, "float64")
    assert printed_by(script.text(), script, tmp_path) == losses_of_run(chosen, "float64")[backend]


MINE = """
import numpy as np
from scenarios import bernoulli, data, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), batch_size=2, x=randn(4, 3), noise=randn(2, per="update"),
          w=param(3, 2))
def mine(op, x, noise, w):
    return op.reduce_mean(op.tanh(op.add(op.matmul(x, w), noise)))
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("batch_size=2", "drop_last=True", "drop_last= is for mini-batches; give a batch_size, too"),
        ("batch_size=2", "sampler=len", "sampler= is for mini-batches; give a batch_size, too"),
        ("batch_size=2", "batch_size=2, shuffle=False, sampler=len", "a sampler gives the order of the rows"),
        ("batch_size=2", "batch_size=2, sampler=[1, 2]", "sampler must be a function of an epoch's number"),
        ("batch_size=2", "batch_size=2, sampler=lambda e, n: np.ones(n)", "for epoch 1, float64 of shape (4,); rows"),
        ("batch_size=2", "batch_size=2, sampler=lambda e, n: np.arange(n) + 1", "for epoch 1, row 4; the data has"),
        (
            "batch_size=2",
            "batch_size=2, sampler=lambda e, n: np.arange(e + 1)",
            "for epoch 2, 3 rows, and 2 for",
        ),
        ("batch_size=2", "batch_size=2, sampler=lambda e, n: np.arange(1)", "1 rows, which is less than a batch of 2"),
        (
            "batch_size=2",
            "batch_size=2, sampler=lambda e, n: np.random.permutation(10**6)[:n] % n",
            "for epoch 1, other rows when it is asked again; draw them from a generator that is made for the epoch",
        ),
        ("batch_size=2", "batch_size=2, shuffle='no'", "shuffle must be True or False, not 'no'"),
        ('per="update"', 'per="batch"', 'randn(...): per must be "run", "epoch" or "update", not \'batch\''),
        ("randn(2, per=", "data(lambda: np.ones((2, 2)), per=", ""),
        ("randn(2, per=", "data(lambda: np.ones((3, 2)), per=", "noise has arrays for 3 updates, and by batch_size"),
        ("randn(2, per=", "data(lambda: np.array(1.0), per=", "must load one array for each update, not array(1.)"),
        ("randn(2, per=", "data(lambda: [], per=", "must load one array for each update, not []"),
        ("randn(2, per=", "data(lambda: [1.0, 2.0], per=", "data(...) must load a NumPy array, not float"),
        ("randn(2, per=", "data(lambda: [np.ones(2), np.ones((2, 2))], per=", "the array of update 2 is float32 of"),
        ("randn(2, per=", "data(lambda: [np.ones(2), np.full(2, np.nan)], per=", "noise holds NaN or infinity"),
        ('randn(2, per="update")', 'data(lambda: np.ones(2), per="epoch")', 'per must be "run" or "update"'),
        ("x=randn(4, 3)", "x=randn(5, 3)", ""),
        (
            "batch_size=2, x=randn(4, 3), noise=randn(2,",
            "batch_size=3, x=randn(8, 3), noise=randn(3, 2,",
            "in update 3, op.add(matmul_1, noise) can't take matmul_1 (2, 2) and noise (3, 2)",
        ),
        (
            "batch_size=2, x=randn(4, 3), noise=randn(2,",
            "batch_size=3, x=randn(7, 3), noise=randn(3, 2,",
            "in update 3, op.add(matmul_1, noise) would repeat the one row of matmul_1 for each of the 3 rows of noise",
        ),
        ("batch_size=2, x=randn(4, 3), noise=randn(2,", "batch_size=3, x=randn(7, 3), noise=randn(1, 2,", ""),
        (
            'batch_size=2, x=randn(4, 3), noise=randn(2, per="update"),\n          w=param(3, 2)',
            'batch_size=3, x=randn(7, 3), noise=randn(3, per="update"),\n          w=param(3, 3)',
            "",
        ),
        ("x=randn(4, 3)", 'x=randn(4, 3, per="update")', "batches need data of one length, not no data"),
    ],
)
def test_what_cannot_be_dealt(old: str, new: str, said: str, tmp_path: Path, lockstep: Lockstep) -> None:
    assert old in MINE
    path = tmp_path / "mine.py"
    path.write_text(MINE.replace(old, new))
    answer = lockstep("run", path)
    if said:
        check(answer, WRONG_INPUT, "scenario mine" if "per must" not in said else "mine.py", said)
    else:
        assert answer.exit_code == 0


def test_a_buffer_keeps_its_shape_in_a_smaller_batch(tmp_path: Path, lockstep: Lockstep) -> None:
    path = tmp_path / "mine.py"
    program = MINE.replace("noise=randn(2,", "last=buffer(2, 2, fill=0.0), noise=randn(2,").replace(
        ", noise, w)", ", last, noise, w)"
    )
    program = program.replace(
        "return op.reduce_mean(op.tanh(op.add(op.matmul(x, w), noise)))",
        'h = op.add(op.matmul(x, w), noise)\n    return op.reduce_mean(op.tanh(op.add(h, last))), {"last": h}',
    ).replace("scenarios import ", "scenarios import buffer, ")
    path.write_text(program)
    assert lockstep("run", path).exit_code == 0
    path.write_text(
        program.replace("x=randn(4, 3)", "x=randn(5, 3)").replace("op.add(h, last)", "op.add(h, op.reduce_sum(last))")
    )
    said = "in update 3 the next value of the buffer last, h, has shape (1, 2), the buffer (2, 2)"
    check(lockstep("run", path), WRONG_INPUT, "scenario mine", said)
