"""What one update of a backend should have computed, from its own recorded numbers."""
