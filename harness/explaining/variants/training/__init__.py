"""Known mistakes in the rules of training."""
