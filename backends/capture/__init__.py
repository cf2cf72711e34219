"""Live models: what a Chain, a Module or NumPy code computes while it trains, captured call by call."""
