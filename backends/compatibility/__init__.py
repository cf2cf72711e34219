"""Chainer, and programs of its time, on today's Python and NumPy: what they miss, given back."""
