"""Live models as programs: their captured calls become calls of ops, which are certified, or a scenario."""
