"""Every op as a user of Chainer would call it; Chainer's autograd does the rest."""

from backends.chainer_autograd.framework import *
from backends.chainer_autograd.arithmetic import *
from backends.chainer_autograd.activations import *
from backends.chainer_autograd.normalisation import *
from backends.chainer_autograd.losses import *
from backends.chainer_autograd.optimizers import *
from backends.chainer_autograd.training import *
from backends.chainer_autograd.formulas import *
