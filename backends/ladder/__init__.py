"""The article's network as programs, from NumPy by hand to idiomatic Chainer and PyTorch, one small step a rung."""
