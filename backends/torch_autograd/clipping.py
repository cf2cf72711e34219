"""What keeps gradients small before the optimizer receives them."""
