"""Scenarios of losses: labels, distances, pairs, and several losses at once."""
