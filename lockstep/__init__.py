"""Trains one scenario through several backends side by side and says whether, where and by how much they differ.

In your own tests: `lockstep.assert_agree(scenario, backends=..., dtype=..., rtol=..., atol=...)`. For models as they
are: `lockstep.compare(left, right, batches)` and `lockstep.assert_same_training(left, right, batches)`, of two
`lockstep.Training`s; `lockstep.scenario_from(training, batches, name)` makes a scenario of one. Where a program needs
Chainer next to today's NumPy: `chainer = lockstep.import_chainer()`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lockstep.neighbours import check_neighbours

if TYPE_CHECKING:
    from backends.capture.training import Training
    from backends.compatibility.chainer import import_chainer
    from harness.capturing.scenario import scenario_from
    from harness.comparing.comparison import Comparison
    from lockstep.assertion import assert_agree
    from lockstep.comparing import assert_same_training, compare

__all__ = [
    "Comparison",
    "Training",
    "assert_agree",
    "assert_same_training",
    "compare",
    "import_chainer",
    "scenario_from",
]

HOMES = {
    "Comparison": "harness.comparing.comparison",
    "Training": "backends.capture.training",
    "assert_agree": "lockstep.assertion",
    "assert_same_training": "lockstep.comparing",
    "compare": "lockstep.comparing",
    "import_chainer": "backends.compatibility.chainer",
    "scenario_from": "harness.capturing.scenario",
}
"""The module that each name comes from. It is imported on first use, so that `lockstep --help` needs no NumPy."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
    check_neighbours()
    return getattr(import_module(HOMES[name]), name)
