"""What all commands have in common: they start fast, by either name, and colour only terminals."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from lockstep.command_line import SUMMARIES
from tests.lockstep.commands.commands import TINY, Lockstep

INSTANT, SHORT = 2.0, 4.0
"""Times the CPU time of `import numpy`, since machines differ: 1.6 and 3.4 at most when this was written."""
STARTS = [
    (["--help"], {"numpy", "chainer", "torch"}, INSTANT),
    (["list"], {"numpy", "chainer", "torch"}, INSTANT),
    (["mutants", "--list"], {"chainer", "torch"}, SHORT),
    *(([command, "--help"], {"chainer", "torch"}, SHORT) for command in SUMMARIES),
]


def test_a_pipe_gets_no_escape_codes(lockstep: Lockstep) -> None:
    for arguments in (TINY, ("map", "two_layer"), ("map", "--op", "relu"), ("list",)):
        answer = lockstep(*arguments)
        assert "\x1b" not in answer.stdout + answer.stderr


def test_no_color_leaves_a_terminal_without_escape_codes(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;32m: agree" in lockstep(*TINY).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in lockstep(*TINY).stdout


@pytest.mark.parametrize(("command", "not_imported", "limit"), STARTS, ids=[" ".join(start[0]) for start in STARTS])
@pytest.mark.timing
def test_starting_up_imports_no_framework_and_takes_little_time(
    command: list[str], not_imported: set[str], limit: float, tmp_path: Path
) -> None:
    """Python keeps what it has compiled, unless it is told not to; then every start compiles all of it again."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    program = (
        "import sys\n"
        "from lockstep.command_line import main\n"
        f"sys.argv = ['lockstep', *{command!r}]\n"
        "try:\n    main()\nfinally:\n"
        f"    print(*{not_imported!r} & set(sys.modules), file=sys.stderr)\n"
    )

    def cpu_seconds(of: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = subprocess.run([sys.executable, "-c", of], capture_output=True, text=True, check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert answer.stderr.strip() == ""
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for of in ("import numpy", program):
        cpu_seconds(of)  # compiles it
    seconds: list[float] = []
    of_numpy: list[float] = []
    while len(seconds) < 10 and not (seconds and min(seconds) <= limit * min(of_numpy)):  # other work only adds to it
        of_numpy.append(cpu_seconds("import numpy"))
        seconds.append(cpu_seconds(program))
    assert min(seconds) <= limit * min(of_numpy)


def test_the_installed_command_and_the_module_are_the_same() -> None:
    environment = {**os.environ, "NO_COLOR": "1"}
    script = Path(sys.executable).with_name("lockstep")
    answers = [
        subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, env=environment).stdout
        for command in ([str(script)], [sys.executable, "-m", "lockstep"])
    ]
    assert [answer.split()[-1] for answer in answers] == ["0.1.0", "0.1.0"]


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_help_of_all_commands_names_each(name: str, lockstep: Lockstep) -> None:
    assert f"lockstep {name}" in lockstep(name, "--help").stdout
    assert SUMMARIES[name] in " ".join(lockstep("--help").stdout.split())
