"""The activations of the hand-written backend."""
