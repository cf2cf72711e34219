"""The activations of PyTorch."""
