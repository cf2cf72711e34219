"""Every op as a user of Chainer would call it; Chainer's autograd does the rest."""

from backends.chainer_autograd.framework import *
from backends.chainer_autograd.arithmetic import *
from backends.chainer_autograd.sums import *
from backends.chainer_autograd.reductions import *
from backends.chainer_autograd.elementary import *
from backends.chainer_autograd.manipulation import *
from backends.chainer_autograd.indexing import *
from backends.chainer_autograd.activations import *
from backends.chainer_autograd.layers import *
from backends.chainer_autograd.convolution import *
from backends.chainer_autograd.pooling import *
from backends.chainer_autograd.resizing import *
from backends.chainer_autograd.normalisation import *
from backends.chainer_autograd.scaling import *
from backends.chainer_autograd.recurrent import *
from backends.chainer_autograd.attention import *
from backends.chainer_autograd.losses.distance_losses import *
from backends.chainer_autograd.losses.label_losses import *
from backends.chainer_autograd.losses.cross_entropies import *
from backends.chainer_autograd.detaching import *
from backends.chainer_autograd.training.optimizers import *
from backends.chainer_autograd.training.clipping import *
from backends.chainer_autograd.training.schedules import *
from backends.chainer_autograd.training.loop import *
from backends.chainer_autograd.formulas import *
from backends.chainer_autograd.as_it_comes import NORMALISATIONS
