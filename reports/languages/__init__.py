"""The languages that reports are in, and the translations of what the other floors say in English."""
