"""Studies beyond a single run: the ladder, the article, mutants, differences, speed, the installation."""
