"""Known mistakes in layers."""
