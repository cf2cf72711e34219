"""Programs on which Lockstep was once wrong, as they were shrunk, by what misled it; each with its right verdict."""

from tests.harness.fuzzing.found import formulas, memory, overflow, rounding, terms

FOUND = [*memory.FOUND, *formulas.FOUND, *terms.FOUND, *rounding.FOUND, *overflow.FOUND]
