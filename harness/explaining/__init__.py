"""Explains a wrong element: who is right, how it is computed and what went wrong."""
