"""Scenarios to begin with: fitting functions, and the ops on elements and shapes."""
