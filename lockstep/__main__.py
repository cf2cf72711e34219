"""`python -m lockstep` and the `lockstep` command."""

import sys
from typing import NoReturn

from lockstep.neighbours import check_neighbours


def main() -> NoReturn:
    """Run the command line, after checking that the packages it imports are Lockstep's own."""
    try:
        check_neighbours()
    except ImportError as error:
        print(f"lockstep: {error}", file=sys.stderr)
        sys.exit(2)
    from lockstep.command_line import main as run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
