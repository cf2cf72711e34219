"""Every op with its gradient by hand, in NumPy.

An op returns its output and `backward`, which turns the gradient of the output into one gradient per input. A gradient
that costs as much as the op itself is deferred by a `lambda`, so the gradient of the data is never computed. An input
that has no gradient (labels) gets None.

One file per family of ops; the other backends have the same files with the same functions in the same order.
"""

from backends.numpy_manual.gradients import *
from backends.numpy_manual.arithmetic import *
from backends.numpy_manual.sums import *
from backends.numpy_manual.reductions import *
from backends.numpy_manual.elementary import *
from backends.numpy_manual.manipulation import *
from backends.numpy_manual.indexing import *
from backends.numpy_manual.activations import *
from backends.numpy_manual.gates import *
from backends.numpy_manual.layers import *
from backends.numpy_manual.convolution import *
from backends.numpy_manual.pooling import *
from backends.numpy_manual.resizing import *
from backends.numpy_manual.normalisation import *
from backends.numpy_manual.scaling import *
from backends.numpy_manual.recurrent import *
from backends.numpy_manual.recurrent_layers import *
from backends.numpy_manual.positions import *
from backends.numpy_manual.attention import *
from backends.numpy_manual.losses.distance_losses import *
from backends.numpy_manual.losses.label_losses import *
from backends.numpy_manual.losses.cross_entropies import *
from backends.numpy_manual.losses.sequence_losses import *
from backends.numpy_manual.detaching import *
from backends.numpy_manual.training.optimizers import *
from backends.numpy_manual.training.clipping import *
from backends.numpy_manual.training.schedules import *
from backends.numpy_manual.training.loop import *
