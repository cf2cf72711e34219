"""Learning rates that change with the number of the update."""
