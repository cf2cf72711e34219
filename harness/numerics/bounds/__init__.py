"""The rounding bounds of arrays: what any order of a computation in the run's dtype may come to."""
