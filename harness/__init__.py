"""Records scenarios, runs backends side by side, certifies every op and judges what came out."""
