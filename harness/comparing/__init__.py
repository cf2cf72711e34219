"""Compares two live trainings: which results and weights belong together, and where they first part."""
