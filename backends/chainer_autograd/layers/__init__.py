"""The layers of Chainer."""
