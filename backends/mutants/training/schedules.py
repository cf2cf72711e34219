"""Mistakes in schedules that follow one another, and in those that move once per epoch."""

from backends.mutants.mutant import Mutant, Training, family

in_sequence = Training("scheduled_in_sequence", epochs=14)
with_a_restart = Training("scheduled_with_a_restart", epochs=18)
by_epochs = Training("scheduled_by_epochs", epochs=5)
of_momentum = Training("scheduled_momentum", epochs=6)
of_decay = Training("scheduled_weight_decay", epochs=4)

IN_NUMPY = family(
    "optimizers and schedules",
    Mutant(
        "sequence_not_restarted",
        "the second schedule goes on counting where the first one ends",
        in_sequence,
        ("in_sequence", "update"),
        "in_sequence",
        {"(t - start, lr=lr)": "(t, lr=lr)"},
        cause="as where the schedule goes on counting",
    ),
    Mutant(
        "sequence_from_zero",
        "the second schedule counts its updates from 0",
        in_sequence,
        ("in_sequence", "update"),
        "in_sequence",
        {"(t - start, lr=lr)": "(t - start - (k > 0), lr=lr)"},
        cause="the value of update t - 1",
    ),
    Mutant(
        "sequence_late",
        "the second schedule begins one update late",
        with_a_restart,
        ("in_sequence", "update"),
        "in_sequence",
        {"bisect_left(after, t)": "bisect_left(after, t - 1)"},
        cause="the value of the schedule before",
    ),
    Mutant(
        "sequence_of_one",
        "the first schedule goes on to the end",
        in_sequence,
        ("in_sequence", "update"),
        "in_sequence",
        {"bisect_left(after, t)": "0 * bisect_left(after, t)"},
        cause="the value of the schedule before",
    ),
    Mutant(
        "schedule_late_by_an_epoch",
        "the learning rate falls one epoch late",
        by_epochs,
        ("step_decay", "update"),
        "step_decay",
        {"(t - 1) // every": "max(t - 2, 0) // every"},
        cause="the value of epoch t - 1",
    ),
    Mutant(
        "schedule_per_update",
        "the schedule is given the number of the update, not that of the epoch",
        by_epochs,
        ("step_decay", "update"),
        "train",
        {
            "by_step(ops, program.schedule)": (
                "by_step(ops, __import__('dataclasses').replace(program.schedule, steps_per_turn=1))"
            )
        },
        cause="as where the schedule moves once per update",
    ),
)
OF_SETTINGS = family(
    "optimizers and schedules",
    Mutant(
        "scheduled_momentum_left",
        "the schedule of the momentum is computed and not used",
        of_momentum,
        ("momentum", "state"),
        "train",
        {"{program.schedule.of: scheduled[its]}": "{}"},
        cause="momentum is 0.5, not",
    ),
    Mutant(
        "scheduled_momentum_changes_lr",
        "the schedule changes the learning rate in place of the momentum",
        of_momentum,
        ("momentum", "update"),
        "train",
        {"{program.schedule.of: scheduled[its]}": '{"lr": scheduled[its]}'},
        cause="lr is 0.025",
    ),
    Mutant(
        "scheduled_decay_of_biases",
        "the schedule of the weight decay gives biases that of the others",
        of_decay,
        ("weight_decay", "update"),
        "train",
        {"program.scheduled_of(name)": '"rate"'},
        cause="as without a group, not 0",
    ),
)
IN_TORCH = family(
    "optimizers and schedules",
    Mutant(
        "torch_schedule_per_update",
        "scheduler.step() is called in the loop over batches, not behind it",
        by_epochs,
        ("step_decay", "update"),
        "train",
        {"scheduler and program.moves_after(update)": "scheduler"},
        cause="as where the schedule moves once per update",
    ),
    Mutant(
        "torch_milestones_one_late",
        "the milestones are counted from 1",
        with_a_restart,
        ("in_sequence", "update"),
        "in_sequence",
        {"milestones=after": "milestones=[end + 1 for end in after]"},
        cause="the value of the schedule before",
    ),
    backend="torch",
)
IN_CHAINER = family(
    "optimizers and schedules",
    Mutant(
        "chainer_extension_of_another_attribute",
        "the extension changes lr in place of momentum",
        of_momentum,
        ("warm_up", "update"),
        "train",
        {"Scheduler(schedule, optimizer, setting)": "Scheduler(schedule, optimizer)"},
        cause="the schedule is not used",
    ),
    Mutant(
        "chainer_schedule_per_update",
        "the extension is called after every update, as without a trigger",
        by_epochs,
        ("step_decay", "update"),
        "train",
        {"scheduler and program.moves_after(update)": "scheduler"},
        cause="as where the schedule moves once per update",
    ),
    Mutant(
        "chainer_sequence_from_where_it_is",
        "the second extension starts from the learning rate that the first one leaves",
        with_a_restart,
        ("in_sequence", "update"),
        "_InSequence",
        {"        setattr(self._optimizer, self._attribute, self._first)\n": ""},
    ),
    backend="chainer",
)
MUTANTS = (*OF_SETTINGS, *IN_NUMPY, *IN_TORCH, *IN_CHAINER)
