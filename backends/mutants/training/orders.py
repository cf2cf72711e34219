"""Mistakes in which rows a batch has: samplers that are asked once, and rows that are left over."""

from backends.mutants.mutant import Mutant, Training, family

sampled = Training("balanced_batches", epochs=2)

LOOP = "    for update, batch in enumerate(batches, 1):\n"
UPDATES = 3
"""In an epoch."""

MUTANTS = family(
    "training loops",
    Mutant(
        "order_of_first_epoch_kept",
        "the sampler is asked once: every epoch has the rows of the first, as where set_epoch is forgotten",
        sampled,
        ("matmul", "forward"),
        "train",
        {LOOP: f"    given = list(batches)\n    batches = [given[i % {UPDATES}] for i in range(len(given))]\n{LOOP}"},
    ),
    Mutant(
        "rows_left_over_trained",
        "drop_last is forgotten: two rows that are left over are a batch of their own",
        sampled,
        ("matmul", "forward"),
        "train",
        {
            LOOP: (
                "    given = list(batches)\n"
                "    left_over = {name: array[:2] if array.ndim else array for name, array in given[0].items()}\n"
                f"    batches = [*given[:{UPDATES}], left_over, *given[{UPDATES}:-1]]\n{LOOP}"
            )
        },
    ),
)
