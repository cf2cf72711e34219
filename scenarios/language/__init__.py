"""What a scenario is: its definition, what it draws, the rules of its training, and what values they take."""
