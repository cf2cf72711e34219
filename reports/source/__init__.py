"""Source code of backends and scenarios, turned into lines that can be shown and run."""
