"""Layers with weights of their own, and dropout."""
