"""The corpus of mutants: backends with one realistic mistake each.

Each family stands in a file of its own as a table: what the mistake is called and is, the scenario that shows it, the
op and phase where an exact location points, the function, and what is written there instead. Importing it imports no
framework: a mutant is built when it is tried.
"""

from backends.mutants import activations, arithmetic, frameworks, layers, losses, precision, training

MUTANTS = (
    *activations.MUTANTS,
    *losses.MUTANTS,
    *layers.MUTANTS,
    *arithmetic.MUTANTS,
    *training.MUTANTS,
    *precision.MUTANTS,
    *frameworks.MUTANTS,
)
