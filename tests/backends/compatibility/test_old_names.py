"""What old programs find again in NumPy and Python, and that nothing which exists is replaced."""

import subprocess
import sys
from textwrap import dedent

import numpy as np

from backends.compatibility.old_names import _names_of_numpy


def run_alone(program: str) -> str:
    """Run a program in a process of its own and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", dedent(program)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_old_names_are_supplied_whether_numpy_comes_before_or_after() -> None:
    for order in ("import numpy as np\nsupply_old_names()", "supply_old_names()\nimport numpy as np"):
        program = f"""from backends.compatibility.old_names import supply_old_names
{order}
from collections import Iterable, Mapping
assert np.zeros(2, np.float).dtype == np.float64 and np.dtype(np.int).kind == "i"
assert np.product([2, 3]) == 6 and np.asscalar(np.ones(1)) == 1.0 and np.isinf(np.Inf)
assert np.in1d([1, 2], [2]).tolist() == [False, True]
assert np.asfarray([1, 2]).dtype == np.float64
print(isinstance([], Iterable))
"""
        assert run_alone(program) == "True\n"


def test_what_exists_is_left_alone() -> None:
    run_alone(
        """
        import numpy as np, collections
        before = {name: id(value) for name, value in vars(np).items()}
        deque = collections.deque
        from backends.compatibility.old_names import supply_old_names
        supply_old_names()
        assert {name: id(vars(np)[name]) for name in before} == before
        assert collections.deque is deque
        """
    )


def test_no_old_name_stands_for_nothing() -> None:
    assert None not in _names_of_numpy(np).values()
