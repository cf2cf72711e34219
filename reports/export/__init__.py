"""Scenarios as programs that stand alone."""
