"""The arithmetic in the pages, run by node: bit for bit NumPy's draws and the strict training of the suite."""

import re
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, Step
from backends.correct import strict_numpy
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.studies.article_numbers import (
    CORRECTED,
    LOSS_DIVIDED_BY_FOUR,
    LOSS_WITHOUT_CLEARING,
    LOSS_WITHOUT_MASK,
    PRINTED,
    has_the_digits,
    is_within_ulp,
)
from reports.page import comparison, ladder, page
from reports.page.run import playground
from scenarios import Scenario
from tests.harness.studies.article_runs import TINY, program, recorded, sgd_that_updates_w1_twice
from tests.reports.page.pages import Node, script

LAST = 300


@pytest.fixture(scope="module")
def node(pytestconfig: pytest.Config) -> Node:
    return Node(pytestconfig)


@pytest.mark.parametrize("names", [page.SCRIPTS, ladder.SCRIPTS, comparison.SCRIPTS, playground.ARITHMETIC])
def test_no_two_scripts_of_a_page_define_the_same_name(names: Sequence[str]) -> None:
    """A function would silently take the place of the one before it."""
    definition = re.compile(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)
    defined = [name for each in names for name in definition.findall(script(each))]
    assert [name for name, count in Counter(defined).items() if count > 1] == []


def test_draws_are_numpys_for_many_seeds(node: Node) -> None:
    seeds = [*range(200), *(int(seed) for seed in np.random.RandomState(7).randint(0, 2**32, 200, np.int64)), 2**32 - 1]
    expression = """seeds.map((seed) => {
      const random = new RandomState(seed);
      return Array.from({ length: 101 }, () => random.standardNormal());
    })"""
    got = np.array(node(expression, seeds=seeds))
    want = np.array([np.random.RandomState(seed).standard_normal(101) for seed in seeds])
    np.testing.assert_array_equal(got.astype(np.float32), want.astype(np.float32))
    assert np.abs(got - want).max() < 1e-14  # the logarithm may round elsewhere


def test_the_generators_words_are_those_of_mt19937(node: Node) -> None:
    got = node("(() => { const r = new RandomState(5489); return Array.from({ length: 1000 }, () => r.bits()); })()")
    assert got == np.random.RandomState(5489).randint(0, 2**32, 1000, np.uint32).tolist()


@pytest.mark.parametrize("epoch", [1, 2, 100, 200, 300])
def test_the_articles_losses(epoch: int, node: Node) -> None:
    loss = node("trained({ ...ARTICLE, epochs }).losses.at(-1)", epochs=epoch)
    assert has_the_digits(np.float32(loss), CORRECTED[f"program-epoch-{epoch}-loss"])


def rows(text: str) -> list[str]:
    return text.replace(" / ", " ").split()


@pytest.mark.parametrize(
    ("tensor", "epoch", "printed"),
    [
        ("h", 1, PRINTED["h"]),
        ("h_r", 1, PRINTED["h_r"]),
        ("y_p", 1, PRINTED["y_p"]),
        ("squared_error", 1, PRINTED["program-epoch-1-squared-error"]),
        ("squared_error", LAST, PRINTED["program-epoch-300-squared-error"]),
        ("grad_w1", 1, CORRECTED["program-epoch-1-grad_w1"]),
        ("grad_w2", 1, CORRECTED["program-epoch-1-grad_w2"]),
        ("new w1", LAST, CORRECTED["program-final-w1"]),
        ("new w2", LAST, CORRECTED["program-final-w2"]),
    ],
)
def test_the_articles_matrices(tensor: str, epoch: int, printed: str, node: Node) -> None:
    data = node("trained({ ...ARTICLE, epochs }).last[tensor].data", epochs=epoch, tensor=tensor)
    for value, text in zip(data, rows(printed), strict=True):
        assert is_within_ulp(np.float32(value), text, 0)


def test_every_number_of_the_articles_training_is_the_strict_one(node: Node) -> None:
    epochs = [1, 2, 17, LAST]
    got = node("epochs.map((epochs) => trained({ ...ARTICLE, epochs }))", epochs=epochs)
    for result, epoch in zip(got, epochs, strict=True):
        tensors = result["last"]
        step = program("strict")[epoch - 1]
        want = {**step.values, **{f"grad_{name}": grad for name, grad in {**step.value_grads, **step.grads}.items()}}
        want |= {f"new {name}": weight for name, weight in step.weights.items()}
        for name in ("h", "h_r", "y_p", "grad_y_p", "grad_w2", "grad_h_r", "grad_h", "grad_w1", "new w1", "new w2"):
            np.testing.assert_array_equal(np.array(tensors[name]["data"], np.float32), want[name].ravel())
        assert np.float32(result["losses"][-1]) == step.loss


@pytest.mark.parametrize("seed", range(6))
def test_other_sizes_train_strictly_too(seed: int, node: Node) -> None:
    random = np.random.RandomState(seed)
    sizes = {name: int(random.randint(1, 20)) for name in ("M", "N_I", "N_H", "N_O")}
    scenario = TINY.vary(seed=seed, epochs=12, settings={**sizes, "lr": 0.003})
    steps = strict_steps(scenario)
    got = node("trained({ ...ARTICLE, ...given }).losses", given={**sizes, "seed": seed, "epochs": 12, "lr": 0.003})
    np.testing.assert_array_equal(np.array(got, np.float32), [step.loss for step in steps])


@pytest.mark.parametrize(
    ("changed", "loss", "ulp"),
    [
        pytest.param({"mask": False}, LOSS_WITHOUT_MASK, 0, id="without-mask"),
        pytest.param({"ysize": True}, LOSS_DIVIDED_BY_FOUR, 4, id="divided-by-four"),
        pytest.param({"keep": True}, LOSS_WITHOUT_CLEARING, 0, id="not-cleared"),
    ],
)
def test_the_articles_mistakes(changed: dict[str, Any], loss: str, ulp: int, node: Node) -> None:
    got = np.float32(node("trained({ ...ARTICLE, ...changed }).losses.at(-1)", changed=changed))
    assert is_within_ulp(got, loss, ulp) if ulp else has_the_digits(got, loss)


def test_w1_updated_twice_is_the_suites(node: Node) -> None:
    steps = program("strict", sgd=sgd_that_updates_w1_twice)
    got = node("trained({ ...ARTICLE, twice: true }).losses")
    np.testing.assert_array_equal(np.array(got, np.float32), [step.loss for step in steps])


def test_a_loss_scale_that_is_a_power_of_two_is_a_learning_rate(node: Node) -> None:
    one, other = node(
        "[{ scale: 4, lr: 2 ** -14 }, { scale: 1, lr: 2 ** -12 }].map((s) => trained({ ...ARTICLE, ...s }))"
    )
    assert one["last"]["new w1"]["data"] == other["last"]["new w1"]["data"]
    assert one["losses"][-1] == 4 * other["losses"][-1]


def strict_steps(scenario: Scenario) -> list[Step]:
    draws = draw_arrays(scenario, "float32")
    steps = strict_numpy.train(strict_numpy, recorded(scenario), draws.weights, draws.batches(scenario.epochs))
    return [deepcopy(step) for step in steps]


def test_the_announced_size_trains_strictly_too(node: Node) -> None:
    """Its products are large enough for WebAssembly, whose bits are those of the loops."""
    scenario = built_in_scenarios()["two_layer"].vary(epochs=5)
    got = node("trained({ ...ARTICLE, M: 64, N_I: 1000, N_H: 100, N_O: 10, epochs: 5 }).losses")
    np.testing.assert_array_equal(np.array(got, np.float32), [step.loss for step in strict_steps(scenario)])


@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(1, 1, 1), (3, 5, 17), (7, 100, 10), (64, 33, 48), (2, 1000, 3)]
)
def test_products_in_webassembly_are_those_of_the_loops(rows: int, inner: int, columns: int, node: Node) -> None:
    random = np.random.RandomState(rows + inner)
    sizes = [(rows, inner), (inner, columns)]
    a, b = ((random.standard_normal(s) * 10.0 ** random.randint(-25, 20, s)).astype(np.float32) for s in sizes)
    expression = """(() => {
      const [left, right] = [matrix(rows, inner, Float32Array.from(a)), matrix(inner, columns, Float32Array.from(b))];
      return [productInKernel(left, right), productInLoops(left, right)].map((y) => Array.from(y, String));
    })()"""
    of_a, of_b = a.ravel().tolist(), b.ravel().tolist()
    fast, slow = node(expression, a=of_a, b=of_b, rows=rows, inner=inner, columns=columns)
    with np.errstate(all="ignore"):
        want = strict_numpy.strict_product(a, b).ravel()
    np.testing.assert_array_equal(np.array(list(map(float, fast)), np.float32), want)
    np.testing.assert_array_equal(np.array(list(map(float, slow)), np.float32), want)


@pytest.mark.timing
def test_three_hundred_epochs_of_the_announced_size_take_up_to_three_seconds(node: Node) -> None:
    took, loss = node(
        """(() => {
          const started = performance.now();
          const { losses } = trained({ ...ARTICLE, M: 64, N_I: 1000, N_H: 100, N_O: 10 });
          return [(performance.now() - started) / 1000, losses.at(-1)];
        })()"""
    )
    assert loss == pytest.approx(18.6756712, rel=1e-5)
    assert took <= 3


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 127, 128, 129, 130, 257, 640, 1000])
def test_sums_are_numpys(count: int, node: Node) -> None:
    numbers = np.random.RandomState(count).standard_normal(count).astype(np.float32)
    got = node("sum(Float32Array.from(numbers))", numbers=[float(x) for x in numbers])
    assert np.float32(got) == np.sum(numbers)


def numbers_of_all_sizes(dtype: str) -> Array:
    random = np.random.RandomState(3)
    numbers = random.standard_normal(2000) * 10.0 ** random.randint(-30, 30, 2000)
    return np.concatenate([numbers, [0.0, 1.0, 2.0, 0.5, 1e-40, -3.0, 16777216.0]]).astype(dtype)


def test_numbers_are_written_as_numpy_does(node: Node) -> None:
    numbers = numbers_of_all_sizes("float32")
    texts = node("numbers.map((x) => shown(x, 'float32'))", numbers=[float(x) for x in numbers])
    for text, number in zip(texts, numbers, strict=True):
        assert np.float32(text) == number
        assert len(text.lstrip("-").split("e")[0].replace(".", "").strip("0")) <= len(
            str(number).lstrip("-").split("e")[0].replace(".", "").strip("0")
        )


def test_what_is_not_finite_is_written_as_numpy_does_in_large_tensors_too(node: Node) -> None:
    described = {"shape": [1, 200], "dtype": "float32", "kind": "value", "large": True, "start": [0, 0]}
    kept = {"corner": ["nan", "-inf", 0.1234567], "columns": 3}
    page = {"reference": "numpy", "tensors": {"h": described}, "numbers": [{"numpy": {"h": kept}}]}
    texts = node("cellsOf('h', 'numpy').texts", ["tensors", "matrices", "tensors_drawn"], PAGE=page)
    assert texts == ["nan", "-inf", "0.12346"]


def test_ulps_are_numpys(dtype: str, node: Node) -> None:
    numbers = numbers_of_all_sizes(dtype)
    got = node("numbers.map((x) => ulp(x, dtype))", numbers=[float(x) for x in numbers], dtype=dtype)
    assert [float(ulp) for ulp in got] == [float(np.spacing(np.abs(x))) for x in numbers]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 · 3", 7),
        ("(1 + 2) · 3", 9),
        ("8 / 2 / 2", 2),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("-x[0, 1] · 3", -15),
        ("where(x[0, 1] > 4, 1, 0)", 1),
        ("max(x[0, 1], 7) - min(1, 2)", 6),
        ("m'[0] / (1 - (beta1 ** t))", 5 / (1 - 5.0**5)),
        ("1e-05 · 2", 2e-05),
        ("sqrt(16) - -1", 5),
        ("重み[0] · 2 - toString[1]", 5),
        ("valueOf - constructor'[0, 0]", 0),
    ],
)
def test_formulas_are_computed(formula: str, value: float, node: Node) -> None:
    assert node("evaluated(formula, () => 5)", formula=formula) == pytest.approx(value, rel=1e-15)
    numbers = node("withNumbers(formula, () => '5')", formula=formula)
    assert node("evaluated(formula, () => NaN)", formula=numbers) == pytest.approx(value, rel=1e-15)


def test_numbers_below_zero_are_put_in_with_parentheses(node: Node) -> None:
    assert node("withNumbers('w[0] - lr · g[0]', (name) => name === 'g[0]' ? '-2' : '3')") == "3 - 3 · (-2)"


@pytest.mark.parametrize(
    ("losses", "reference", "said"),
    [
        ([1, 0.5], [1, 0.5], ["play.equal 2"]),
        ([1], [1, 0.5], ["play.equal.both 1"]),
        ([1, 0.5, 0.25], [1, 0.5], ["play.equal.both 2"]),
        ([1, 0.75, 0.25], [1, 0.5], ["play.differs 2"]),
        ([1, "Infinity", "NaN"], [1, 0.5, 0.25], ["play.differs 2", "play.infinite 2", "play.nan 3"]),
        ([1, "-Infinity"], [1, 0.5], ["play.differs 2", "play.infinite 2"]),
        ([1, "NaN"], [1, "NaN"], ["play.equal 2", "play.nan 2"]),
    ],
)
def test_what_is_said_of_losses_is_true_for_every_number_of_epochs(
    losses: list[float | str], reference: list[float | str], said: list[str], node: Node
) -> None:
    expression = "remarksOn(losses.map(Number), reference.map(Number)).map(([key, { n }]) => `${key} ${n}`)"
    assert node(expression, ["playground/sentences"], losses=losses, reference=reference) == said


@pytest.mark.parametrize(
    ("numbers", "marks"),
    [
        ([1.4, 1.1], [1, 2]),
        ([0.03, 1.4], [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]),
        ([53178.4, 18.7], [10, 100, 1000, 10000, 100000]),
        ([1e-12, 1], [1e-12, 1e-9, 1e-6, 1e-3, 1]),
        ([1], [1, 2]),
        ([], [1, 10]),
    ],
)
def test_a_logarithmic_axis_has_round_marks_around_its_numbers(
    numbers: list[float], marks: list[float], node: Node
) -> None:
    scale = node("logarithmicScale(numbers)", ["charts"], numbers=numbers)
    assert scale["marks"] == pytest.approx(marks)
    assert all(10 ** scale["low"] <= number * (1 + 1e-9) for number in numbers)
    assert all(10 ** scale["high"] >= number * (1 - 1e-9) for number in numbers)
