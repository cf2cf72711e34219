"""The layers of the hand-written backend."""
