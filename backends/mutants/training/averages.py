"""Mistakes in the average of the weights."""

from backends.mutants.mutant import Mutant, Training, family

averaged = Training("averaged", epochs=6)

STEP = "        # step\n"
AVERAGE = """        if average and is_last:
            averages = {name: average(kept, w[name]) for name, kept in averages.items()}
"""

IN_NUMPY = family(
    "optimizers and schedules",
    Mutant(
        "average_one_step_late",
        "the average is taken of the weights before the update",
        averaged,
        ("weight_average", "update"),
        "train",
        {
            "        # step\n": "        before = dict(w)\n        # step\n",
            "average(kept, w[name])": "average(kept, before[name])",
        },
        cause="as it was before the update",
    ),
    Mutant(
        "average_shares_swapped",
        "share and 1 − share are swapped",
        averaged,
        ("weight_average", "update"),
        "weight_average",
        {"share * average + (1 - share) * w": "(1 - share) * average + share * w"},
        cause="share is 0.2",
    ),
    Mutant(
        "average_starts_at_zero",
        "the average starts at 0, as an optimizer's state does",
        averaged,
        ("weight_average", "update"),
        "train",
        {"averages = {name: np.array(array)": "averages = {name: np.zeros_like(array)"},
        cause="without share · average_w1[0, 0]",
    ),
    Mutant(
        "average_of_weights_alone",
        "the average is the weight itself",
        averaged,
        ("weight_average", "update"),
        "weight_average",
        {"share * average + (1 - share) * w": "1 * w"},
        cause="share is 0",
    ),
)
IN_TORCH = family(
    "optimizers and schedules",
    Mutant(
        "torch_average_of_every_other_update",
        "the average is updated every second time",
        averaged,
        ("weight_average", "update"),
        "train",
        {"if average and is_last:": "if average and update % 2:"},
        cause="as it was before the update",
    ),
    backend="torch",
)
IN_CHAINER = family(
    "optimizers and schedules",
    Mutant(
        "chainer_average_before_the_step",
        "the average is taken before optimizer.update()",
        averaged,
        ("weight_average", "update"),
        "train",
        {
            AVERAGE: "",
            STEP: AVERAGE + STEP,
        },
        cause="as it was before the update",
    ),
    backend="chainer",
)
MUTANTS = (*IN_NUMPY, *IN_TORCH, *IN_CHAINER)
