"""Keeps what a user's code does to the process from everything else, and from the verdict."""
