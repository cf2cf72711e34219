"""The ops that move, read and repeat elements of PyTorch."""
