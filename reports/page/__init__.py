"""Runs as pages of one file each."""
