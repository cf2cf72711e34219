"""The losses of Chainer."""
