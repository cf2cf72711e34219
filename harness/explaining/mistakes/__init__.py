"""Possible mistakes, one file per kind. Each file yields causes, which predict the tensor that they would produce."""
