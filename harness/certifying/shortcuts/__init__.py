"""What shows a tensor to be right at less than the cost of its bound."""
