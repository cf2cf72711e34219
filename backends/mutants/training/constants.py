"""Mistakes with numbers that a scenario writes beside tensors."""

from backends.mutants.mutant import Mutant, Training, family

penalties = Training("elastic_net", epochs=2)

START = "    w: Tensors = {name: np.array(array) for name, array in weights.items()}\n"

MUTANTS = family(
    "what is not trained, or drawn per update",
    Mutant(
        "constants_as_whole_numbers",
        "numbers beside tensors are read as whole numbers",
        penalties,
        ("multiply", "forward"),
        "train",
        {
            START: (
                f"{START}"
                "    whole = {name: array.astype(int).astype(array.dtype) for name, array in program.buffers.items()}\n"
            ),
            "{**batch, **buffers, **w}": "{**batch, **buffers, **w, **whole}",
        },
        cause="got is 0",
    ),
)
