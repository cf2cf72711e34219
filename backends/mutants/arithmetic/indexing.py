"""Mistakes in what reads elements at given places."""

from backends.mutants.mutant import Mutant, Training, family

annotators = Training("two_annotators", epochs=3)

MUTANTS = family(
    "manipulation",
    Mutant(
        "gather_gradient_overwritten",
        "of several positions that read one place, the last overwrites the gradient of the others",
        annotators,
        ("gather", "backward"),
        "gather",
        {"np.add.at(grad_x, index, grad_y)": "grad_x[index] = grad_y"},
        cause="the last term of the sum alone",
    ),
    Mutant(
        "gather_ids_counted_from_one",
        "ids are counted from 1",
        annotators,
        ("gather", "forward"),
        "gather",
        {"places[axis] = ids": "places[axis] = ids - 1"},
        cause="of the previous place along axis 1",
    ),
    Mutant(
        "gather_gradient_everywhere",
        "every place along the axis gets the gradient of the first one that is read",
        annotators,
        ("gather", "backward"),
        "gather",
        {"np.add.at(grad_x, index, grad_y)": "grad_x += np.take(grad_y, [0], axis)"},
    ),
)
