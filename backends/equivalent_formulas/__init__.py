"""Other correct formulas of the hand-written ops, as some frameworks compute them, also written by hand.

A rounding bound belongs to a formula, not to a function: ½·tanh(x/2) + ½ is also the sigmoid, but adding the ½ last
loses small values. A backend lists in its FORMULAS which of these it uses. The certificate of that op then allows
either formula, and the report says which is in use and what accuracy it costs.
"""
