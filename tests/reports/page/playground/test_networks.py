"""The playground's networks against Lockstep's own: bit for bit where nothing but + − · / √ goes in, else certified."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Program, Step, Tensors
from backends.correct import strict_numpy
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.sentences import OUTCOMES
from scenarios import Optimizer, Scenario, adam, data, momentum, param, scenario, sgd
from tests.harness.studies.article_runs import recorded
from tests.reports.page.pages import Node

Settings = dict[str, Any]
STEPS = """(() => {
  const training = new Training(settings);
  const start = eachValue(training.program.weights, (weight) => ({ ...weight }));
  for (const [name, numbers] of Object.entries(weights)) start[name].data = Float32Array.from(numbers);
  training.state = { ...training.state, weights: start };
  const steps = [];
  while (!training.isDone) {
    const { loss, tensors } = training.advance();
    steps.push({ loss, tensors: eachValue(tensors, ({ data }) => data) });
  }
  return steps;
})()"""


@pytest.fixture(scope="module")
def node(pytestconfig: pytest.Config) -> Node:
    return Node(pytestconfig)


def settings_of(node: Node, network: str, **changed: Any) -> Settings:
    usual: Settings = node("PRESETS[network]", network=network)
    return {**usual, **changed}


def data_of_playground(node: Node, settings: Settings) -> tuple[Array, Array]:
    """The inputs and the targets that the page computes, in float32."""
    x, target = node("Object.values(programOf(settings).data).map(({ data }) => data)", settings=settings)
    return np.reshape(x, (len(target), -1)).astype(np.float32), np.reshape(target, (-1, 1)).astype(np.float32)


def in_lockstep(node: Node, settings: Settings) -> Scenario:
    """The scenario of the network that the playground trains with these settings; its tensors have the same names."""
    x, target = data_of_playground(node, settings)
    rules: dict[str, Callable[..., Optimizer]] = {"sgd": sgd, "momentum": momentum, "adam": adam}
    own = {"momentum": settings["momentum"]} if settings["optimizer"] == "momentum" else {}
    common: Settings = {
        "seed": settings["seed"],
        "epochs": settings["epochs"],
        "optimizer": rules[settings["optimizer"]](lr=settings["lr"], **own),
        "x": data(lambda: x),
    }
    y, t = data(lambda: target), data(lambda: target.astype(np.int64))
    hidden, activation = settings.get("N_H", 1), settings.get("activation", "")
    two_layers: Settings = {
        "w1": param(2, hidden),
        "b1": param(hidden, scale=0.5),
        "w2": param(hidden, 1),
        "b2": param(1, fill=0.0),
    }

    def linear(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        s = op.matmul(x, w)
        y_p = op.add(s, b)
        return op.mean_squared_error(y_p, y)

    def logistic(op: Any, x: Any, t: Any, w: Any, b: Any) -> Any:
        s = op.matmul(x, w)
        y_p = op.add(s, b)
        return op.sigmoid_cross_entropy(y_p, t)

    def xor(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        s1 = op.matmul(x, w1)
        z = op.add(s1, b1)
        h = getattr(op, activation)(z)
        s2 = op.matmul(h, w2)
        y_p = op.add(s2, b2)
        return op.mean_squared_error(y_p, y)

    def mlp(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        s1 = op.matmul(x, w1)
        z = op.add(s1, b1)
        h = getattr(op, activation)(z)
        s2 = op.matmul(h, w2)
        y_p = op.add(s2, b2)
        return op.sigmoid_cross_entropy(y_p, t)

    b = param(1, fill=0.0)
    match settings["network"]:
        case "linear":
            return scenario(**common, y=y, w=param(x.shape[1], 1, fill=0.0), b=b)(linear)
        case "logistic":
            return scenario(**common, t=t, w=param(2, 1, scale=0.5), b=b)(logistic)
        case "xor":
            return scenario(**common, y=y, **two_layers)(xor)
    return scenario(**common, t=t, **two_layers)(mlp)


def steps_of_playground(
    node: Node, settings: Settings, program: Program, weights: Mapping[str, Array]
) -> Iterator[Step]:
    """What the page computes from these weights, as a backend's steps."""
    started = {name: weight.ravel().tolist() for name, weight in weights.items()}
    for each in node(STEPS, settings=settings, weights=started):
        shapes = {**program.shapes, **{f"grad_{name}": shape for name, shape in program.shapes.items()}}
        tensors: Tensors = {
            name: np.array(numbers, np.float32).reshape(shapes.get(name, np.shape(numbers)))
            for name, numbers in each["tensors"].items()
        }
        values = program.values[:-1]
        yield Step(
            loss=np.array(each["loss"], np.float32),
            weights={name: tensors[f"new {name}"].reshape(weights[name].shape) for name in weights},
            grads={name: tensors[f"grad_{name}"] for name in weights},
            state={
                f"{slot}_{name}": tensors[f"{slot}_{name}"].reshape(weights[name].shape)
                for name in weights
                for slot in program.slots_of(name)
            },
            values={name: tensors[name] for name in values},
            value_grads={name: tensors[f"grad_{name}"] for name in values},
        )


def playground(node: Node, settings: Settings) -> LoadedBackend:
    """The page's arithmetic as a backend of Lockstep."""

    def train(
        ops: Any,
        program: Program,
        weights: Mapping[str, Array],
        batches: Iterable[Mapping[str, Array]],
        *,
        trace: bool = False,
    ) -> Iterator[Step]:
        for _, step in zip(batches, steps_of_playground(node, settings, program, weights), strict=True):
            yield step

    return LoadedBackend("page", SimpleNamespace(**{**vars(numpy_manual), "train": train}))


CERTIFIED = [
    pytest.param("linear", {}, id="linear"),
    pytest.param("logistic", {}, id="logistic"),
    pytest.param("logistic", {"optimizer": "adam", "epochs": 20}, id="logistic-adam"),
    pytest.param("xor", {}, id="xor"),
    pytest.param("xor", {"activation": "sigmoid", "N_H": 3, "seed": 5}, id="xor-sigmoid"),
    pytest.param("mlp", {"epochs": 30, "seed": 4}, id="mlp"),
    pytest.param("mlp", {"epochs": 30, "data": "clouds", "activation": "relu", "optimizer": "momentum"}, id="mlp-relu"),
    pytest.param(
        "mlp", {"epochs": 30, "data": "spirals", "activation": "sigmoid", "optimizer": "sgd"}, id="mlp-sigmoid"
    ),
]


@pytest.mark.parametrize(("network", "changed"), CERTIFIED)
def test_every_step_of_the_page_is_certified_and_agrees_with_numpy(network: str, changed: Settings, node: Node) -> None:
    settings = settings_of(node, network, **changed)
    same = in_lockstep(node, settings)
    result = run_scenario(same, [load_backend("numpy"), playground(node, settings)], accept_untested=True)
    assert (result.verdict, result.backends) == ("agree", ["numpy", "page"])
    counts = result.certified["page"]
    assert counts["checks"] >= 9 * settings["epochs"]
    assert [counts[outcome] for outcome in OUTCOMES] == [0] * len(OUTCOMES)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize(("network", "changed"), [("linear", {}), ("xor", {"activation": "relu", "N_H": 5})])
def test_what_needs_no_exponential_is_strict_bit_for_bit(
    network: str, changed: Settings, optimizer: str, node: Node
) -> None:
    settings = settings_of(node, network, **changed, optimizer=optimizer, lr=0.05)
    same = in_lockstep(node, settings)
    draws, program = draw_arrays(same, "float32"), recorded(same)
    want = strict_numpy.train(strict_numpy, program, draws.weights, draws.batches(same.epochs), trace=True)
    started = node("eachValue(programOf(settings).weights, ({ data }) => data)", settings=settings)
    for name, weight in draws.weights.items():
        np.testing.assert_array_equal(np.array(started[name], np.float32), weight.ravel())
    for got, step in zip(steps_of_playground(node, settings, program, draws.weights), map(deepcopy, want), strict=True):
        assert got.loss == step.loss
        for mine, theirs in (
            (got.weights, step.weights),
            (got.grads, step.grads),
            (got.state, step.state),
            (got.values, {name: value for name, value in step.values.items() if name != program.loss}),
        ):
            assert mine.keys() == theirs.keys()
            for name, value in theirs.items():
                np.testing.assert_array_equal(mine[name], value, err_msg=name)


@pytest.mark.parametrize(
    ("network", "scenario_name"),
    [("linear", "linear_regression"), ("logistic", "logistic_regression"), ("xor", "xor")],
)
def test_data_is_that_of_the_scenario(network: str, scenario_name: str, node: Node) -> None:
    x, target = data_of_playground(node, settings_of(node, network))
    draws = draw_arrays(built_in_scenarios()[scenario_name], "float32").data
    np.testing.assert_array_equal(x, draws["x"])
    np.testing.assert_array_equal(target, draws["y" if "y" in draws else "t"])


@pytest.mark.parametrize("kind", ["rings", "spirals"])
def test_data_is_that_of_the_copied_program(kind: str, node: Node) -> None:
    x, target = data_of_playground(node, settings_of(node, "mlp", data=kind))
    made: dict[str, Any] = {"np": np}
    exec("\n".join(node("DATA_CODE[kind]", kind=kind)), made)
    np.testing.assert_array_equal(x, made["x"].astype(np.float32))
    np.testing.assert_array_equal(target, made["t"])


@pytest.mark.parametrize(
    ("in_page", "in_numpy"),
    [("Math.tanh(x)", np.tanh), ("decayed(x)", lambda x: np.exp(-np.abs(x))), ("Math.log1p(decayed(x))", None)],
)
def test_functions_of_the_browser_are_three_ulps_from_numpys_at_most(
    in_page: str, in_numpy: Callable[[Array], Array] | None, node: Node
) -> None:
    numbers = (3 * np.random.RandomState(0).standard_normal(20_000)).astype(np.float32)
    got = np.array(node(f"numbers.map((x) => f32({in_page}))", numbers=numbers.tolist()), np.float32)
    want = in_numpy(numbers) if in_numpy else np.log1p(np.exp(-np.abs(numbers)))
    ulps = np.abs(got - want) / np.spacing(np.abs(want))
    assert 0 < ulps.max() <= 3


def test_xor_is_the_scenarios_own_training(node: Node) -> None:
    """Its losses are those of `lockstep run xor`, within what tanh may be off by."""
    losses = node("trained(PRESETS.xor).losses")
    same = built_in_scenarios()["xor"]
    draws = draw_arrays(same, "float32")
    steps = strict_numpy.train(strict_numpy, recorded(same), draws.weights, draws.batches(same.epochs))
    np.testing.assert_allclose(losses, [float(step.loss) for step in steps], rtol=1e-4, atol=1e-6)
