"""Chainer's FunctionNodes, as a model applies them: their inputs, and their attributes by name."""
