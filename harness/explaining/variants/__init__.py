"""Known variants: functions that are easily mistaken for one of the suite's, written by hand, one file per family."""

from harness.explaining.variants.accumulation import ACCUMULATIONS
from harness.explaining.variants.activations import ACTIVATIONS
from harness.explaining.variants.adaptive_optimizers import ADAPTIVE_OPTIMIZERS
from harness.explaining.variants.arithmetic import ARITHMETIC
from harness.explaining.variants.attention import ATTENTION
from harness.explaining.variants.bounded_optimizers import BOUNDED_OPTIMIZERS
from harness.explaining.variants.clipping import CLIPPINGS
from harness.explaining.variants.gates import GATES
from harness.explaining.variants.images import IMAGES
from harness.explaining.variants.layers import LAYERS
from harness.explaining.variants.losses import LOSSES
from harness.explaining.variants.normalisation import NORMALISATIONS
from harness.explaining.variants.optimizers import OPTIMIZERS
from harness.explaining.variants.recurrent import RECURRENT
from harness.explaining.variants.schedules import SCHEDULES
from harness.explaining.variants.sequence_losses import SEQUENCE_LOSSES
from harness.explaining.variants.variant import Variants

VARIANTS: Variants = {
    **ARITHMETIC,
    **ACTIVATIONS,
    **GATES,
    **LAYERS,
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
