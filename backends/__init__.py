"""How each framework does each op: the same names in the same order in every file, to be read side by side."""
