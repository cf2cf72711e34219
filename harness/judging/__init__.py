"""From trajectories and certificates to a verdict."""
