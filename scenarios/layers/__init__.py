"""Scenarios of activations, of layers with weights, and of normalisation."""
