"""Grades hand-written ops, each by itself: no scenario, no training, no framework."""
