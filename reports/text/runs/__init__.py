"""Runs as text: one with its certificates, several side by side, and those of a store in groups."""
