"""How Chainer trains: the loop over updates, and the rules that change weights."""
