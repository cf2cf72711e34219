"""Correct backends that work in other ways than the built-in ones: whatever is said against one is a false alarm."""
