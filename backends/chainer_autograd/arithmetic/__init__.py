"""The arithmetic of Chainer."""
