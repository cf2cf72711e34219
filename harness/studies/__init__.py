"""Measurements beyond one run: the ladder, the article, mutants, differences, speed, the installation."""
