"""Mistakes in what happens around the ops: optimizers, the rules beside them, and the training loop."""

from backends.mutants.training import (
    adaptive,
    averages,
    bounded,
    fine_tuning,
    groups,
    loops,
    optimizers,
    orders,
    other_optimizers,
    rare,
    reported,
    rules,
    schedules,
    silent,
    steps,
)

MUTANTS = (
    *optimizers.MUTANTS,
    *other_optimizers.MUTANTS,
    *adaptive.MUTANTS,
    *bounded.MUTANTS,
    *rules.MUTANTS,
    *loops.MUTANTS,
    *orders.MUTANTS,
    *reported.MUTANTS,
    *rare.MUTANTS,
    *silent.MUTANTS,
    *fine_tuning.MUTANTS,
    *groups.MUTANTS,
    *schedules.MUTANTS,
    *averages.MUTANTS,
    *steps.MUTANTS,
)
