"""A unit exactly at ReLU's kink, and two right backends whose roundings put it on different sides: drift, by design."""
