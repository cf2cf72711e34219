"""How Chainer's links and PyTorch's modules hold the same weights: under which names, in which shape and order.

`to_torch("Linear", {"W": W, "b": b})` of `catalogue.py` gives `{"weight": W, "bias": b}`, and `to_chainer` leads back.
Nothing here imports a framework: arrays go in and come out. Links and modules are given by their classes or by the
classes' names.

Weights are permuted, never computed with. The LSTMs are exceptions, and say so in their notes: where Chainer has one
bias, PyTorch has two.
"""
