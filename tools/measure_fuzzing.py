"""Plants mutants one at a time and counts how soon `lockstep fuzz` finds each, and how small it shrinks the program.

    python -m tools.measure_fuzzing --mutants 60 --programs 300 --workers 2

A mutant counts as found if a finding accuses it, and as located if it names the op and phase of its mistake.
"""

import statistics
import time
from dataclasses import dataclass
from typing import NamedTuple

import click

from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.fuzzing.fuzz import PER_TASK
from harness.fuzzing.search import Search, Task
from harness.recording.loading import LoadedBackend, load_backend
from harness.studies.mutants.corpus import build
from lockstep.options.workers import workers_for

NAME = "mutant"


class Trial(NamedTuple):
    """What became of one mutant."""

    name: str
    programs: int
    """How many were run, up to the task in which it was found."""
    found: str
    """The signature of the finding that accuses it; empty if there was none."""
    located: bool
    calls: int
    seconds: float


@dataclass(frozen=True)
class Trials:
    """Tries mutants by their place in the corpus."""

    programs: int
    seed: int

    def do(self, number: int) -> Trial:
        """Search until a mutant is found or there were programs enough."""
        mutant: Mutant = MUTANTS[number]
        started = time.monotonic()
        search = Search([load_backend("numpy"), LoadedBackend(NAME, build(mutant))])
        programs = 0
        for part in range(-(-self.programs // PER_TASK)):
            searched = search.do(Task(self.seed, part * PER_TASK, PER_TASK))
            programs += searched.programs
            for found in searched.found:
                signature = found.finding.signature
                if signature.backend != NAME:
                    continue
                located = signature.place == " ".join(mutant.location)
                seconds = time.monotonic() - started
                return Trial(mutant.name, programs, str(signature), located, found.source.calls, seconds)
        return Trial(mutant.name, programs, "", False, 0, time.monotonic() - started)

    def lost(self, number: int, why: str) -> Trial:
        """A mutant that ends every process that tries it."""
        return Trial(f"{MUTANTS[number].name} ({why})", 0, "", False, 0, 0.0)


@click.command()
@click.option("--mutants", default=60, show_default=True, help="So many, evenly from the corpus.")
@click.option(
    "--first", default=0, show_default=True, help="The place of the first of them; other ones, other mutants."
)
@click.option("--programs", default=300, show_default=True, help="Within so many programs.")
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=1, show_default=True)
def main(mutants: int, first: int, programs: int, seed: int, workers: int) -> None:
    """Print a line for each mutant, and the counts."""
    numbers = [(first + place * len(MUTANTS) // mutants) % len(MUTANTS) for place in range(mutants)]
    trials = Trials(programs, seed)
    done = []
    with workers_for(mutants, workers, None) as chosen:
        for trial in chosen.map(trials.do, iter(numbers), trials.lost):
            done.append(trial)
            found = f"{trial.found} in {trial.calls} calls" if trial.found else "NOT FOUND"
            click.echo(f"{trial.name}: {found}, {trial.programs} programs, {trial.seconds:.0f} s")
    found_all = [trial for trial in done if trial.found]
    calls = statistics.median(trial.calls for trial in found_all) if found_all else 0
    click.echo(
        f"{len(found_all)} of {len(done)} found within {programs} programs, "
        f"{sum(trial.located for trial in found_all)} located, shrunk to {calls:g} calls in the median"
    )


if __name__ == "__main__":
    main()
