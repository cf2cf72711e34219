"""Which weights and layers of two live models belong together, and what a user's program calls its tensors."""
