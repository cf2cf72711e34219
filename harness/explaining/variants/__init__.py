"""Known variants: functions that are easily mistaken for one of the suite's, written by hand, one file per family."""

from harness.explaining.variants.activations import ACTIVATIONS
from harness.explaining.variants.arithmetic import ARITHMETIC
from harness.explaining.variants.layers.attention import ATTENTION
from harness.explaining.variants.layers.embedding_and_dropout import EMBEDDING_AND_DROPOUT
from harness.explaining.variants.layers.gates import GATES
from harness.explaining.variants.layers.images import IMAGES
from harness.explaining.variants.layers.normalisation import NORMALISATIONS
from harness.explaining.variants.layers.recurrent import RECURRENT
from harness.explaining.variants.losses import LOSSES
from harness.explaining.variants.sequence_losses import SEQUENCE_LOSSES
from harness.explaining.variants.training.accumulation import ACCUMULATIONS
from harness.explaining.variants.training.adaptive_optimizers import ADAPTIVE_OPTIMIZERS
from harness.explaining.variants.training.bounded_optimizers import BOUNDED_OPTIMIZERS
from harness.explaining.variants.training.clipping import CLIPPINGS
from harness.explaining.variants.training.optimizers import OPTIMIZERS
from harness.explaining.variants.training.schedules import SCHEDULES
from harness.explaining.variants.variant import Variants

VARIANTS: Variants = {
    **ARITHMETIC,
    **ACTIVATIONS,
    **GATES,
    **EMBEDDING_AND_DROPOUT,
    **ATTENTION,
    **IMAGES,
    **NORMALISATIONS,
    **RECURRENT,
    **LOSSES,
    **SEQUENCE_LOSSES,
    **OPTIMIZERS,
    **ADAPTIVE_OPTIMIZERS,
    **BOUNDED_OPTIMIZERS,
    **CLIPPINGS,
    **SCHEDULES,
    **ACCUMULATIONS,
}
"""By the hand-written function: its variants."""
