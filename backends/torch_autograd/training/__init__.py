"""How PyTorch trains: the loop over updates, and the rules that change weights."""
