"""Wraps the programs of the ladder as backends, and records what flows through them."""
