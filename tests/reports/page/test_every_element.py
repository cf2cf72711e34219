"""Every element of every matrix is explained: its arithmetic, with the numbers put in, comes to what was recorded."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from harness.recording.catalogue import built_in_scenarios
from reports.page.page import render_page
from reports.page.run.map import page_rows
from scenarios import Scenario
from tests.harness.grouped import SCHEDULED
from tests.reports.page.kinds import content_of
from tests.reports.page.pages import Node, data_of

MOST_BYTES = 1_500_000
MOST_ULPS = 20
"""How far a recorded element may be from its exact arithmetic, of the largest in its tensor: 9.5 were measured."""
MOST_ULPS_OF = {"ctc": 40}
"""The same for what these ops compute.

21 were measured in ctc, which takes the exponential of sums of logarithms: what rounds those of about −17 by one part
makes 17 of it.
"""
FROM_ITS_SECOND_EPOCH = ("msvag",)
"""Optimizers whose factor is 0 / 0 at the first update but for rounding, so that its exact value says nothing."""
EVERY_EPOCH = (
    "two_layer_tiny",
    "layer_norm_adamw",
    "residual_shared",
    "clipped_by_norm",
    "scheduled_by_steps",
    "scheduled_in_sequence",
    "trained_by_dampened_momentum",
    "trained_by_nadam",
    "trained_by_smorms3",
    "trained_by_rmsprop_graves",
    "falling_bounds",
    "cautious_rmsprop",
    "trained_by_lion",
    "trained_by_msvag",
    "gradual_unfreezing",
    "accumulated_and_clipped",
    "averaged",
    "lstm_adding",
    "attention_copy",
)
FIRST_EPOCH = ("digits", "digits_cnn", "two_layer", "gru_parity", "word_embeddings", "batch_norm_mlp")
COMPUTED = ("value", "gradient", "new")
"""The kinds of tensors that an update computes."""
EXPLAINED = """Object.keys(PAGE.tensors).filter((name) => kinds.includes(PAGE.tensors[name].kind)).map((name) => {
  let [worst, unexplained, all] = [0, 0, 0];
  for (view.step of steps) for (view.backend of PAGE.backends) {
    const values = elements(name, view.backend);
    if (!values) continue; // what a backend does not yield is not drawn
    const size = Math.max(...values.filter(Number.isFinite).map(Math.abs));
    placesOf(name).forEach((place, i) => {
      const exact = arithmetic(name, place)?.at(-1).value;
      all += 1;
      if (exact === undefined) unexplained += 1;
      else if (!Object.is(Number(exact), values[i])) {
        worst = Math.max(worst, Math.abs(exact - values[i]) / ulp(size, PAGE.dtype));
      }
    });
  }
  return { name, worst, unexplained, all };
})"""
"""How many elements of each tensor have no arithmetic, and how far it is off at most, over some of the kept epochs."""


def explained(page: Any, steps: Iterable[int], node: Node) -> list[dict[str, Any]]:
    scripts = ["tensors", "matrices", "written_out"]
    found: list[dict[str, Any]] = node(EXPLAINED, scripts, PAGE=page, steps=list(steps), kinds=COMPUTED)
    return found


@pytest.fixture(scope="module")
def node(pytestconfig: pytest.Config) -> Node:
    return Node(pytestconfig)


@pytest.mark.parametrize(
    "chosen", [*map(built_in_scenarios().get, EVERY_EPOCH), SCHEDULED], ids=lambda chosen: chosen.name
)
def test_every_element_at_every_epoch_and_in_every_backend(chosen: Scenario, node: Node) -> None:
    """The formulas are those of its form, the numbers its own."""
    page = render_page(content_of(chosen, 5, certify=None), "en")
    check_explained(explained(data_of(page), range(1 if is_undecided_at_first(chosen) else 0, 5), node))


def test_one_formula_holds_where_an_optimizer_goes_over_to_another_step(node: Node) -> None:
    """RAdam divides its steps from the sixth update on."""
    page = render_page(content_of(built_in_scenarios()["trained_by_radam"], 8, certify=None), "en")
    check_explained(explained(data_of(page), range(8), node))


@pytest.mark.parametrize("name", FIRST_EPOCH)
def test_other_networks_have_pages(name: str, node: Node) -> None:
    check_page_of(built_in_scenarios()[name], node)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(built_in_scenarios())[::2])
def test_every_second_scenario_has_a_page(name: str, node: Node) -> None:
    check_page_of(built_in_scenarios()[name], node)


@pytest.mark.exhaustive
def test_every_scenario_has_a_page(scenario: Scenario, node: Node) -> None:
    check_page_of(scenario, node)


def check_page_of(scenario: Scenario, node: Node) -> None:
    content = content_of(scenario, 2, certify=None)
    page = render_page(content, "en")
    assert len(page.encode()) < MOST_BYTES
    assert content.numbers is not None
    kept = data_of(page)
    program = content.numbers.trace.program
    for row in page_rows(program):
        for name in (*row.forward, *row.backward):
            assert name in kept["tensors"], f"{row.title} shows {name}, which is not kept"
    most = {str(n): MOST_ULPS_OF[n.op] for n in program.nodes() if n.op in MOST_ULPS_OF}
    most |= {f"new {name}": ulps for name, ulps in most.items()}
    check_explained(explained(kept, [1 if is_undecided_at_first(scenario) else 0], node), most)


def is_undecided_at_first(scenario: Scenario) -> bool:
    return scenario.optimizer.name in FROM_ITS_SECOND_EPOCH


def check_explained(tensors: list[dict[str, Any]], most: Mapping[str, float] = MappingProxyType({})) -> None:
    """Some backend keeps elements of each tensor, and the arithmetic of each comes to what was recorded.

    `most` has the ulps of the tensors that may be off by more or less than the others.
    """
    assert len(tensors) > 3
    unexplained = [
        each
        for each in tensors
        if not each["all"] or each["unexplained"] or not each["worst"] < most.get(each["name"], MOST_ULPS)
    ]
    assert unexplained == []


def test_formulas_are_not_shown_for_labels_that_they_are_not_of(node: Node) -> None:
    """Of another batch, the cross entropy picks other scores."""
    page = data_of(render_page(content_of(built_in_scenarios()["digits"], 2, certify=None), "en"))
    assert page["further"]["changed"] == {"2": ["t"]}
    expression = "[0, 1].map((step) => { view.step = step; return stepsOf(name, 0) !== undefined; })"
    scripts = ["tensors", "matrices", "written_out"]
    assert node(expression, scripts, PAGE=page, name="loss") == [True, False]
    assert node(expression, scripts, PAGE=page, name="new w1") == [True, True]
