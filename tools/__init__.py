"""What maintainers run by hand: `python -m tools.NAME`."""
