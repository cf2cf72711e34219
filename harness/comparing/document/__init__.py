"""What came of a comparison: its parts, both programs side by side, and the JSON document that holds them."""
