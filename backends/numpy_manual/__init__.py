"""Every op with its gradient by hand, in NumPy.

An op returns its output and `backward`, which turns the gradient of the output into one gradient per input. A gradient
that costs as much as the op itself is deferred by a `lambda`, so the gradient of the data is never computed. An input
that has no gradient (labels) gets None.

One file per family of ops, in a folder with those like it; the other backends have the same folders and files, with the
same functions in the same order.
"""

from backends.numpy_manual.gradients import *
from backends.numpy_manual.kinks import *
from backends.numpy_manual.arithmetic.products import *
from backends.numpy_manual.arithmetic.elementwise import *
from backends.numpy_manual.arithmetic.reductions import *
from backends.numpy_manual.arithmetic.sums import *
from backends.numpy_manual.arithmetic.elementary import *
from backends.numpy_manual.arrays.reshaping import *
from backends.numpy_manual.arrays.joining import *
from backends.numpy_manual.arrays.indexing import *
from backends.numpy_manual.arrays.repeating import *
from backends.numpy_manual.activations.rectifiers import *
from backends.numpy_manual.activations.smooth import *
from backends.numpy_manual.activations.gates import *
from backends.numpy_manual.layers.linear_embedding_dropout import *
from backends.numpy_manual.layers.convolution import *
from backends.numpy_manual.layers.pooling import *
from backends.numpy_manual.layers.resizing import *
from backends.numpy_manual.layers.normalisation import *
from backends.numpy_manual.layers.other_norms import *
from backends.numpy_manual.layers.recurrent import *
from backends.numpy_manual.layers.recurrent_layers import *
from backends.numpy_manual.layers.positions import *
from backends.numpy_manual.layers.attention import *
from backends.numpy_manual.losses.distance_losses import *
from backends.numpy_manual.losses.label_losses import *
from backends.numpy_manual.losses.cross_entropies import *
from backends.numpy_manual.losses.sequence_losses import *
from backends.numpy_manual.detaching import *
from backends.numpy_manual.training.optimizers import *
from backends.numpy_manual.training.moments import *
from backends.numpy_manual.training.weights import *
from backends.numpy_manual.training.clipping import *
from backends.numpy_manual.training.schedules import *
from backends.numpy_manual.training.loop import *
