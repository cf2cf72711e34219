"""Random programs over the whole vocabulary: makes them, runs them, and shrinks those that fail."""
