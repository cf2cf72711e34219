"""The ops of the hand-written backend that only move, read, repeat or drop elements.

All of them are linear, so a gradient takes the same path backward, as the transposed matrix would (Griewank & Walther,
Evaluating Derivatives, 2008, 3.2). The gradient of a dropped element is 0.
"""
