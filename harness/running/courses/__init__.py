"""The trainings of a run: each of them, all of them, and how they are shared among processes."""
