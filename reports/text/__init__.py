"""Results as text: tables, verdicts, listings, in every table format."""
