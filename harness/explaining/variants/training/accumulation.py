"""Shares of a batch in its step that are easily taken for its rows over those of all batches of the step."""

from harness.certifying.accumulation import gradient_accumulation
from harness.explaining.variants.variant import Variant, Variants, backward_only

ACCUMULATIONS: Variants = {
    gradient_accumulation: (
        Variant(
            "the mean over the batches of their means, so that a row of a small batch counts more than others",
            backward_only(gradient_accumulation, lambda _, __, settings: (1 / settings["batches"],)),
        ),
        Variant(
            "the sum over the batches, not their mean",
            backward_only(gradient_accumulation, lambda _, __, settings: (1.0,)),
        ),
        Variant(
            "the sum over the rows of the batches, not their mean",
            backward_only(gradient_accumulation, lambda _, __, settings: (float(settings["rows"]),)),
        ),
    ),
}
"""How several batches are averaged wrongly."""
