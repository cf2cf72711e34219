"""What the playground of a page opens with: the settings of the page's own run."""

from typing import Any

import pytest

from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backend
from harness.run import run_scenario
from reports.page.run.playground import opened_settings
from tests.harness.studies.article_runs import recorded

ARTICLE = {"network": "article", "seed": 1, "epochs": 2, "lr": 1e-4}
MOMENTUM = {"optimizer": "momentum", "momentum": 0.8, "lr": 0.1, "seed": 1, "epochs": 2}


@pytest.mark.parametrize(
    ("name", "changed", "settings"),
    [
        ("two_layer", {}, {**ARTICLE, "M": 64, "N_I": 1000, "N_H": 100, "N_O": 10}),
        ("two_layer_tiny", {}, {**ARTICLE, "M": 2, "N_I": 3, "N_H": 2, "N_O": 3}),
        (
            "two_layer_tiny",
            {"seed": 4, "settings": {"N_H": 5, "lr": 0.01}},
            {**ARTICLE, "M": 2, "N_I": 3, "N_H": 5, "N_O": 3, "seed": 4, "lr": 0.01},
        ),
        ("linear_regression", {}, {"network": "linear", "optimizer": "sgd", "lr": 0.2, "seed": 1, "epochs": 2}),
        ("logistic_regression", {}, {"network": "logistic", **MOMENTUM}),
        ("xor", {}, {"network": "xor", **MOMENTUM}),
        ("trained_by_adam", {}, None),
    ],
)
def test_the_playground_opens_with_the_settings_of_the_run(
    name: str, changed: dict[str, Any], settings: dict[str, Any] | None
) -> None:
    varied = built_in_scenarios()[name].vary(epochs=2, **changed)
    result = run_scenario(varied, [load_backend("numpy"), load_backend("torch")], certify=None)
    assert opened_settings(result, recorded(varied)) == settings
