"""The layers of PyTorch."""
