"""The losses of the hand-written backend."""
