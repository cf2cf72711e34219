"""What is wrong with a training that a user describes."""


class TrainingError(ValueError):
    """A Training that can't be driven; the message says what is wrong and what would be right."""
