"""The columns of the code map: each backend's functions as lines in the names of one program."""
