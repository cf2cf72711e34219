"""The activations of Chainer."""
