"""Live models of PyTorch: which of their calls are watched, and how they are trained."""
