"""Files of weights, and the models that they are for: Chainer's and PyTorch's, each read and written as it is."""
