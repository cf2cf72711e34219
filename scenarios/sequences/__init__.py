"""Scenarios on sequences: recurrent layers and attention."""
