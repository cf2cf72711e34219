"""Every op as a user of PyTorch would call it; PyTorch's autograd does the rest."""

from backends.torch_autograd.arithmetic import *
from backends.torch_autograd.sums import *
from backends.torch_autograd.reductions import *
from backends.torch_autograd.elementary import *
from backends.torch_autograd.manipulation import *
from backends.torch_autograd.indexing import *
from backends.torch_autograd.activations import *
from backends.torch_autograd.gates import *
from backends.torch_autograd.layers import *
from backends.torch_autograd.convolution import *
from backends.torch_autograd.pooling import *
from backends.torch_autograd.resizing import *
from backends.torch_autograd.normalisation import *
from backends.torch_autograd.scaling import *
from backends.torch_autograd.recurrent import *
from backends.torch_autograd.attention import *
from backends.torch_autograd.losses.distance_losses import *
from backends.torch_autograd.losses.label_losses import *
from backends.torch_autograd.losses.cross_entropies import *
from backends.torch_autograd.detaching import *
from backends.torch_autograd.training.optimizers import *
from backends.torch_autograd.training.clipping import *
from backends.torch_autograd.training.schedules import *
from backends.torch_autograd.training.loop import *
from backends.torch_autograd.formulas import *
from backends.torch_autograd.as_it_comes import NORMALISATIONS
