"""The Python API: what the commands do, as functions that return what they print."""
