"""Trains backends side by side and compares their tensors."""
