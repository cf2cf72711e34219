"""The scenario language: definitions, draws, training rules, and the values that settings take."""
