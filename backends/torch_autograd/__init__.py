"""Every op as a user of PyTorch would call it; PyTorch's autograd does the rest."""

from backends.torch_autograd.arithmetic import *
from backends.torch_autograd.activations import *
from backends.torch_autograd.normalisation import *
from backends.torch_autograd.losses import *
from backends.torch_autograd.optimizers import *
from backends.torch_autograd.training import *
