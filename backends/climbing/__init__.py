"""Takes the programs of the ladder as backends, and sees what flows through them."""
