"""Scenarios of how to train: optimizers, schedules, frozen weights, regularisation, and training that is chaotic."""
