"""Trains one scenario through several backends side by side and says whether, where and by how much they differ.

In your own tests: `lockstep.assert_agree(scenario, backends=..., dtype=..., rtol=..., atol=...)`. In a notebook or at a
prompt: `lockstep.run(scenario)`, `lockstep.map(scenario)`, `lockstep.trace(scenario)` and `lockstep.check(function,
like="softmax")` return what the commands print. For models as they are: `lockstep.compare(left, right, batches)` and
`lockstep.assert_same_training(left, right, batches)`, of two `lockstep.Training`s; `lockstep.scenario_from(training,
batches, name)` makes a scenario of one. Where a program needs Chainer next to today's NumPy: `chainer =
lockstep.import_chainer()`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lockstep.neighbours import check_neighbours

if TYPE_CHECKING:
    from backends.capture.training import Training
    from backends.compatibility.chainer import import_chainer
    from harness.capturing.scenario import scenario_from
    from harness.comparing.comparison import Comparison
    from lockstep.api.checking import check
    from lockstep.api.mapping import map_of as map
    from lockstep.api.running import run
    from lockstep.api.tracing import trace
    from lockstep.assertion import assert_agree
    from lockstep.comparing import assert_same_training, compare

__all__ = [
    "Comparison",
    "Training",
    "assert_agree",
    "assert_same_training",
    "check",
    "compare",
    "import_chainer",
    "map",
    "run",
    "scenario_from",
    "trace",
]

HOMES = {
    "Comparison": "harness.comparing.comparison:Comparison",
    "Training": "backends.capture.training:Training",
    "assert_agree": "lockstep.assertion:assert_agree",
    "assert_same_training": "lockstep.comparing:assert_same_training",
    "check": "lockstep.api.checking:check",
    "compare": "lockstep.comparing:compare",
    "import_chainer": "backends.compatibility.chainer:import_chainer",
    "map": "lockstep.api.mapping:map_of",
    "run": "lockstep.api.running:run",
    "scenario_from": "harness.capturing.scenario:scenario_from",
    "trace": "lockstep.api.tracing:trace",
}
"""The module that each name comes from, and its name there.

It is imported on first use, so that `lockstep --help` needs no NumPy.
"""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
    check_neighbours()
    module, _, own_name = HOMES[name].partition(":")
    return getattr(import_module(module), own_name)
