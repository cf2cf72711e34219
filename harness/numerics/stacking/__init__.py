"""Several arrays of one shape as one array, and several numbers as one number, which NumPy code computes with."""
