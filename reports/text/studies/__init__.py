"""Tables of what harness/studies/ measures."""
