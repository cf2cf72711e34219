"""The arithmetic of the hand-written backend."""
