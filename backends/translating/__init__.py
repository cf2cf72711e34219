"""Captured calls of Chainer's and PyTorch's functions in the ops of the scenario language.

A translation has the name and the parameters of the framework's function, after `op`, which gives the ops as in a
scenario: `op.relu(x)`. Its tensors have a shape and no values, as in a scenario; a number in the place of a tensor
becomes a constant. It returns one tensor for each output that a model may go on with.
"""
