"""What only moves, repeats or leaves out elements."""
