"""PyTorch's functions, as a model calls them."""
