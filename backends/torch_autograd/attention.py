"""Attention: every position looks at every other."""
