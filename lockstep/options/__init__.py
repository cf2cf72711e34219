"""Options that commands share, by subject, each with what reads its value."""
