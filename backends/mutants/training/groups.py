"""Mistakes with parameter groups: weights that do not get the settings of their own."""

from backends.mutants.mutant import Mutant, Training, family

two_rates = Training("two_learning_rates", epochs=12)
biases = Training("biases_not_decayed", epochs=6)

WITHOUT = "__import__('dataclasses').replace(program, groups=())"

IN_ONE = "    optimizer = grouped(list(w.values()), ops=ops, program=program)\n"

IN_NUMPY = family(
    "parameter groups",
    Mutant(
        "group_lr_ignored",
        "the learning rate of a group is ignored",
        two_rates,
        ("momentum", "update"),
        "train",
        {"program.scheduled_of(name)": '"lr"'},
        cause="lr is 0.05, as without a group, not 0.0",
    ),
    Mutant(
        "group_decay_ignored",
        "AdamW decays biases, which are in a group without decay",
        biases,
        ("adamw", "update"),
        "train",
        {"bound(ops, program.optimizer_of(name))": "bound(ops, program.optimizer)"},
        cause="weight_decay is 0.1, as without a group, not 0",
    ),
    Mutant(
        "groups_swapped",
        "two groups have each other's learning rate",
        two_rates,
        ("momentum", "update"),
        "train",
        {"program.scheduled_of(name)": '{"w1": "lr_b1", "b1": "lr_w1"}.get(name, "lr")'},
        cause="as in the group of",
    ),
    Mutant(
        "group_of_all_others",
        "the pattern of a group is turned round: all weights but those of its pattern are in it",
        biases,
        ("adamw", "update"),
        "train",
        {"program.optimizer_of(name)) for": 'program.optimizer_of("w1" if name == "b1" else "b1")) for'},
        cause="weight_decay is 0, as in the group of b1, not 0.1",
    ),
    Mutant(
        "biases_decayed",
        "the weight decay is applied to biases as well",
        two_rates,
        ("weight_decay", "update"),
        "train",
        {"bound(ops, decay)": "bound(ops, program.decay)"},
        cause="rate is 0.01, as without a group, not 0",
    ),
    Mutant(
        "schedule_forgets_a_group",
        "the schedule leaves the learning rate of the second group as it is",
        two_rates,
        ("step_decay", "update"),
        "train",
        {"{name: schedule(": '{name: first if name == "lr_b1" else schedule('},
        cause="the schedule is not used",
    ),
    Mutant(
        "schedule_for_all_alike",
        "the schedule sets one learning rate for all groups",
        two_rates,
        ("step_decay", "update"),
        "train",
        {"lr=first": 'lr=program.optimizer.settings["lr"]'},
        cause="lr is 0.05, as without a group, not 0.0",
    ),
)
IN_TORCH = family(
    "parameter groups",
    Mutant(
        "torch_group_decay_ignored",
        "all parameters are in one group of AdamW, biases included",
        biases,
        ("adamw", "update"),
        "train",
        {IN_ONE: IN_ONE.replace("=program", f"={WITHOUT}")},
        cause="weight_decay is 0.1, as without a group, not 0",
    ),
    backend="torch",
)
IN_CHAINER = family(
    "parameter groups",
    Mutant(
        "chainer_hyperparameters_before_setup",
        "the hyperparameters of a bias are set before setup, which makes new update rules",
        biases,
        ("adamw", "update"),
        "train",
        {"program=program)": f"program={WITHOUT})"},
        cause="weight_decay is 0.1, as without a group, not 0",
    ),
    Mutant(
        "chainer_schedule_of_the_optimizer_alone",
        "the extension changes the lr of the optimizer, not those that parameters have of their own",
        two_rates,
        ("step_decay", "update"),
        "train",
        {"Scheduler(schedule, optimizer, setting)": "schedule(optimizer)"},
        cause="the schedule is not used",
    ),
    backend="chainer",
)
MUTANTS = (*IN_NUMPY, *IN_TORCH, *IN_CHAINER)
