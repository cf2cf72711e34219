"""Other right formulas of the hand-written ops, as some frameworks compute them, each by hand.

A rounding bound belongs to one formula, not to the function: ½·tanh(x/2) + ½ is the sigmoid too, but loses its small
values to the ½ that is added last. A backend says in its FORMULAS which of these it uses; the certificate of that op
then allows either, and the report says which is in use and what accuracy it costs.
"""
