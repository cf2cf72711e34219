"""Narrow a failed check down: where the mistake lies, what wrote over what, and whether anything is wrong at all."""
