"""What makes images smaller by a maximum or a mean over windows."""
