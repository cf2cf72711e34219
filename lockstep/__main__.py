"""`python -m lockstep` and the `lockstep` command."""

from lockstep.command_line import main

if __name__ == "__main__":
    main()
