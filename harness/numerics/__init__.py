"""Arithmetic that carries bounds or formulas, and numerical derivatives."""
