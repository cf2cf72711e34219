"""One file per command; `lockstep.command_line` imports each when it is called."""
