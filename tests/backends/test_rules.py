"""What is known of hand-written rules without running a program."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.numpy_manual.training import moments, optimizers, weights
from backends.rules import counts_steps, is_elementwise

RULES = [
    function
    for module in (optimizers, moments, weights)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if not name.startswith("_")
]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # the variance of a centered rule is made up
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rules_of_these_files_work_element_by_element(rule: Callable[..., Any], dtype: str) -> None:
    assert is_elementwise(rule)
    parameters = inspect.signature(rule).parameters.values()
    arrays = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    settings = {each.name: 0.1 for each in parameters if each.kind is each.KEYWORD_ONLY}
    if counts_steps(rule):
        settings["t"] = 3
    random = np.random.RandomState(0)
    one, other = ([np.abs(random.randn(size)).astype(dtype) for _ in arrays] for size in (5, 8))
    apart = zip(_results(rule(*one, **settings)), _results(rule(*other, **settings)), strict=True)
    joined = [np.concatenate(each) for each in zip(one, other, strict=True)]
    for together, separate in zip(_results(rule(*joined, **settings)), apart, strict=True):
        np.testing.assert_array_equal(together, np.concatenate(separate))


def _results(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def test_other_rules_are_not_taken_for_elementwise() -> None:
    assert not is_elementwise(numpy_manual.clip_by_norm)
    assert not is_elementwise(lambda w, grad_w: w - grad_w / np.sum(grad_w))
