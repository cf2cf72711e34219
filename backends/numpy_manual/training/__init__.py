"""How the hand-written backend trains: the loop over updates, and the rules that change weights."""
