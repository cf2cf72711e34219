"""The arithmetic of PyTorch."""
