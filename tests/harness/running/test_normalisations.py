"""What a run says of its backends' normalisations, and what it comes to without them."""

from types import ModuleType

import msgspec
import pytest

from backends import chainer_autograd, torch_autograd
from harness.errors import InputError
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.sentences import details, headline
from scenarios import Optimizer, Scenario, adadelta, adagrad, clip_by_norm, cosine_decay, param, randn, scenario, sgd
from scenarios.language.optimizers import adam, momentum, nesterov

SCENARIOS = built_in_scenarios()
BACKENDS = load_backends([])
ADAM_NOTE = "chainer: adam with eps added after the bias correction"


def with_rules(**rules: object) -> Scenario:
    """A small network of plain ops, with these rules."""
    settings: dict[str, object] = {"optimizer": sgd(lr=0.1), **rules}

    @scenario(seed=1, epochs=3, x=randn(6, 3), y=randn(6, 2), w=param(3, 2), **settings)  # type: ignore[arg-type]
    def small(op, x, y, w):  # type: ignore[no-untyped-def]
        return op.mean_squared_error(op.matmul(x, w), y)

    return small


def used(scenario: Scenario, *, as_is: bool = False) -> list[tuple[str, str]]:
    """The backends and ops that a run of a scenario would name."""
    return [(entry.backend, entry.op) for entry in prepare(scenario, BACKENDS, as_is=as_is).normalised]


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("two_layer_tiny", []),
        ("digits", [("chainer", "momentum")]),
        ("digits_cnn", [("chainer", "adam")]),  # 8 and 4 pixels are covered by windows of 2 anyway
        ("max_pooling", [("chainer", "max_pool2d")]),
        ("trained_by_nesterov", [("chainer", "nesterov")]),
        ("trained_by_nesterov_ag", [("torch", "nesterov_ag")]),
    ],
)
def test_a_run_names_what_it_uses_and_nothing_else(name: str, named: list[tuple[str, str]]) -> None:
    assert used(SCENARIOS[name]) == named


def test_rules_around_the_optimizer_are_named_in_the_order_in_which_they_work() -> None:
    rules = with_rules(schedule=cosine_decay(updates=5), clipping=clip_by_norm(max_norm=0.1), optimizer=adam(lr=0.1))
    assert used(rules) == [("chainer", "adam"), ("chainer", "cosine_decay"), ("torch", "clip_by_norm")]


def test_the_names_are_the_programs_and_the_functions_decide() -> None:
    """A file that begins with a star import has the table, and uses what it does not define anew."""

    def own_adam(model, **settings):  # type: ignore[no-untyped-def]
        return chainer_autograd.adam(model, **settings)

    mine, redefined = ModuleType("mine"), ModuleType("redefined")
    vars(mine).update({name: value for name, value in vars(chainer_autograd).items() if not name.startswith("_")})
    vars(redefined).update(vars(mine), adam=own_adam)
    backends = [*BACKENDS[:1], LoadedBackend("mine", mine), LoadedBackend("redefined", redefined)]
    experiment = prepare(SCENARIOS["trained_by_adam"], backends, as_is=True)
    assert [(entry.backend, entry.op) for entry in experiment.normalised] == [("mine", "adam")]
    own = {backend.name: backend.module for backend in experiment.backends}
    assert own["mine"].adam is not chainer_autograd.adam
    assert own["redefined"].adam is own_adam


def test_the_verdict_and_the_document_say_what_is_normalised() -> None:
    result = run(SCENARIOS["trained_by_adam"].vary(epochs=2))
    assert result.verdict == "agree"
    assert not result.as_is
    assert details(result)[0] == f"{ADAM_NOTE}, see `lockstep differences adam_eps`"
    (entry,) = result.normalised
    assert (entry.backend, entry.op, entry.differences, entry.as_it_comes) == ("chainer", "adam", ["adam_eps"], False)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Result) == result


def test_a_document_from_before_has_nothing_normalised() -> None:
    written = msgspec.to_builtins(run(SCENARIOS["trained_by_adam"].vary(epochs=2)))
    del written["as_is"], written["normalised"]
    read = msgspec.convert(written, Result)
    assert not read.as_is
    assert read.normalised == []


def run(scenario: Scenario, *, as_is: bool = False, dtype: str = "float64") -> Result:
    return run_scenario(scenario, BACKENDS, dtype=dtype, as_is=as_is)


def test_a_plain_network_as_it_comes_agrees_and_names_nothing(tiny: Scenario, dtype: str) -> None:
    result = run(tiny.vary(epochs=10), as_is=True, dtype=dtype)
    assert result.verdict == "agree"
    assert result.as_is
    assert result.normalised == []
    assert headline(result).startswith(f"two_layer_tiny {dtype} as it comes: agree (numpy, chainer and torch, ")


@pytest.mark.parametrize(
    ("rules", "culprit"),
    [
        ({"optimizer": momentum(lr=0.1, momentum=0.9)}, ("chainer", "momentum")),
        ({"optimizer": nesterov(lr=0.1, momentum=0.9)}, ("chainer", "nesterov")),
        ({"clipping": clip_by_norm(max_norm=0.1)}, ("torch", "clip_by_norm")),
        ({"optimizer": adagrad(lr=0.1)}, ("torch", "adagrad")),
        ({"optimizer": adadelta()}, ("torch", "adadelta")),
    ],
)
def test_a_rule_as_it_comes_is_the_culprit(rules: dict[str, object], culprit: tuple[str, str]) -> None:
    check_parted(with_rules(**rules), *culprit)


@pytest.mark.parametrize(
    ("name", "backend"),
    [
        ("trained_by_adam", "chainer"),
        ("trained_by_amsgrad", "chainer"),
        ("trained_by_adamw", "chainer"),
        ("trained_by_nesterov_ag", "torch"),
    ],
)
def test_an_optimizer_of_the_catalogue_as_it_comes_is_the_culprit(name: str, backend: str) -> None:
    check_parted(SCENARIOS[name].vary(epochs=3), backend, SCENARIOS[name].optimizer.name)


def check_parted(scenario: Scenario, backend: str, op: str) -> None:
    """Check that a scenario agrees unless it runs as it comes, and that this op of this backend is found then."""
    assert run(scenario).verdict == "agree"
    result = run(scenario, as_is=True)
    assert result.verdict == "disagree"
    assert {(culprit.backend, culprit.op) for culprit in result.culprits} == {(backend, op)}
    assert [(entry.backend, entry.op) for entry in result.normalised if entry.as_it_comes] == [(backend, op)]
    assert any(line.startswith(f"{backend}: {op} as it comes, not ") for line in details(result))


@pytest.mark.parametrize("optimizer", [adagrad(lr=0.1, eps=1e-8), adadelta(rho=0.95)])
def test_a_setting_that_a_scenario_gives_is_the_same_as_it_comes(optimizer: Optimizer) -> None:
    result = run(with_rules(optimizer=optimizer), as_is=True)
    assert result.verdict == "agree"
    assert result.normalised == []


def test_a_setting_that_a_user_gives_is_the_same_as_it_comes() -> None:
    left = with_rules(optimizer=adadelta())
    assert used(left) == [("torch", "adadelta")]
    assert used(left.vary(settings={"eps": 1e-5})) == [("torch", "adadelta")]
    assert used(left.vary(settings={"rho": 0.95})) == []


def test_what_a_framework_lacks_stays_named_as_it_comes() -> None:
    result = run(with_rules(schedule=cosine_decay(updates=5)), as_is=True)
    assert result.verdict == "agree"
    (entry,) = result.normalised
    assert (entry.backend, entry.op, entry.as_it_comes) == ("chainer", "cosine_decay", False)
    assert details(result)[0] == "chainer: cosine_decay by a class of Lockstep's, as Chainer has none"


def test_float32_asks_the_frameworks_as_they_come_in_float64_too() -> None:
    experiment = prepare(SCENARIOS["trained_by_adam"], BACKENDS, "float32", as_is=True)
    sharp = experiment.in_dtype("float64")
    assert sharp.as_is
    assert sharp.normalised == experiment.normalised
    assert [backend.module.adam for backend in sharp.backends] == [b.module.adam for b in experiment.backends]
    assert sharp.backends[1].module.adam is not chainer_autograd.adam
    assert sharp.backends[2].module.adam is torch_autograd.adam


def test_another_shape_ends_the_run_with_what_ran_as_it_comes() -> None:
    with pytest.raises(InputError, match="This run takes chainer's max_pool2d as it comes"):
        run(SCENARIOS["max_pooling"].vary(epochs=1), as_is=True)
