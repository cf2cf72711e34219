"""The losses of PyTorch."""
