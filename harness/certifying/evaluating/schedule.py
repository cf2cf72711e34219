"""What a schedule should make of a setting at an update."""

from typing import TYPE_CHECKING

import numpy as np

from backends.contract import Node, Program
from harness.certifying.counting import counting_of
from harness.certifying.other_groups import as_of
from harness.certifying.uses import Expectation, Formulas, Use
from harness.numerics.rounding import arithmetic

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation

ROUNDINGS_PER_UPDATE = 4
"""How many roundings a schedule may make of a setting at each update."""


def scheduled(evaluation: "Evaluation", update: int, formulas: Formulas, node: Node) -> Expectation:
    """What a scheduled setting should be at an update, which is a float64 number in every run.

    PyTorch computes it from that of the update before, with a few roundings each time.
    """
    use = scheduling(evaluation.program, update, formulas, node)
    value = formulas[use.op](**use.settings)
    roundings = ROUNDINGS_PER_UPDATE * (update + 1)
    radius = arithmetic("float64").gamma(roundings) * max(abs(use.settings["lr"]), abs(value))
    return Expectation(node, evaluation.constant(value, np.asarray(radius)), (lambda: use,))


def scheduling(program: Program, update: int, formulas: Formulas, node: Node) -> Use:
    """The schedule whose turn it is, with the number of its turn and its start as settings, and no inputs.

    A schedule calls what it starts from lr, whatever it changes.
    """
    schedule, firsts = program.schedule, program.first_scheduled
    assert schedule is not None
    step = program.epoch.step(update)
    part, own_turn = schedule.at(schedule.turn(step))
    first = firsts[str(node)]
    others = {other.of: firsts[str(other)] for other in program.scheduled_nodes}
    return Use(
        part.op,
        (),
        {"t": own_turn, "lr": first, **part.settings},
        of_other_groups=[(as_of(of), {"lr": value}) for of, value in others.items() if value != first],
        counting=counting_of(
            schedule, step, update, lambda part, t: float(formulas[part.op](t=t, lr=first, **part.settings))
        ),
        setting_names={"lr": schedule.of},
    )
