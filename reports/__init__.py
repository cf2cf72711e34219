"""Turns results and source into something to read: verdicts, tables, the code map. Pure functions, no training."""
