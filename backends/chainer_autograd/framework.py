"""Chainer, under the names by which its users call it."""

from typing import Any

from backends.compatibility.chainer import import_chainer

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types
