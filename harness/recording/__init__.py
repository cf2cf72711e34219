"""From names and files to a program: loading, drawing arrays, recording calls."""
