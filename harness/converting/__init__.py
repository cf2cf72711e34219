"""Weights of one framework's file as those of a model of the other's."""
