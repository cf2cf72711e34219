"""Live models of Chainer: which of their calls are watched, and how they are trained."""
