"""The article's mistakes as a page shows them: how the playground makes each, and the test that proves it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backends.contract import Program

ARTICLES_OPS = ("matmul", "relu", "matmul", "mean_squared_error")


@dataclass(frozen=True)
class Erratum:
    """One mistake; its texts are `tour.NUMBER.title` and `tour.NUMBER` of the pages' strings."""

    number: int
    tests: tuple[str, ...]
    """Tests of tests/harness/studies/test_article_errata.py that prove it."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The playground's switches that make the mistake; empty where it has none for it."""
    compute: Literal["loss", "change", "alias", "nearest", ""] = ""
    """The page's computation that shows the mistake."""

    @property
    def settings_json(self) -> str:
        """The settings for the page's script."""
        return json.dumps(self.settings)


ERRATA = (
    Erratum(1, ("test_float32_is_not_spelt_floas32",)),
    Erratum(
        2,
        ("test_subtracting_zero_masks_nothing", "test_training_without_the_mask_ends_elsewhere"),
        {"mask": False},
        "loss",
    ),
    Erratum(3, ("test_dividing_by_four_ends_elsewhere",), {"ysize": True}, "loss"),
    Erratum(
        4,
        ("test_the_matrix_after_one_update_is_after_two_of_w1", "test_moving_w1_twice_ends_elsewhere"),
        {"twice": True},
        "loss",
    ),
    Erratum(5, ("test_the_loss_has_no_root_and_no_framework_needs_its_size",)),
    Erratum(6, (), {"M": 4}, "loss"),
    Erratum(7, ("test_the_loss_has_no_root_and_no_framework_needs_its_size",)),
    Erratum(8, ("test_a_smaller_learning_rate_can_end_worse",), {"lr": 1e-5}, "loss"),
    Erratum(
        9,
        ("test_after_the_update_only_the_second_of_the_first_row_rose", "test_squared_errors_change_by_epoch_300"),
        compute="change",
    ),
    Erratum(
        10,
        ("test_naming_an_array_twice_makes_the_second_training_go_on_from_the_first",),
        {"epochs": 600},
        "alias",
    ),
    Erratum(
        11,
        (
            "test_gradients_that_torch_keeps_add_up",
            "test_gradients_that_a_chainer_variable_keeps_add_up",
            "test_gradients_that_a_chainer_chain_keeps_start_as_nan",
        ),
        {"keep": True},
        "loss",
    ),
    Erratum(12, ("test_gradient_of_relu_at_exactly_zero",), compute="nearest"),
)


def is_the_articles_network(program: Program) -> bool:
    """Whether a program is the article's network, in any size."""
    return tuple(call.op for call in program.calls) == ARTICLES_OPS and program.rules == (program.optimizer,)
