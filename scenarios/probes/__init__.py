"""Small networks, each of which reaches what some mistakes need to show: what mutants train on.

They are no part of the catalogue, and their names are unlike those in it.
"""
