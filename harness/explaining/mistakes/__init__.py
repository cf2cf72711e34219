"""What may have gone wrong, one file per kind: each yields causes, which predict the tensor that they would make."""
