"""What stands for tensors while a scenario's function runs: what it can be used in, and what it is called."""
