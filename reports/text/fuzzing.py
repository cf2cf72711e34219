"""What a fuzzing run has found, as text."""

from collections.abc import Callable, Sequence

from harness.fuzzing.finding import KINDS, Kind
from harness.fuzzing.fuzz import Report
from harness.fuzzing.search import Found, Search
from harness.sentences import counted

PLURALS: dict[Kind, str] = {
    "wrong backend": "wrong backends",
    "false accusation": "false accusations",
    "undecided accusation": "undecided accusations",
    "unexplained parting": "unexplained partings",
    "error of a backend": "errors of backends",
    "crash of Lockstep": "crashes of Lockstep",
}
MOST_NAMED = 12
"""Of what was not reached."""
MOST_REFUSALS = 3


def report_text(report: Report, search: Search, command: Callable[[Found], str]) -> str:
    """Counts of everything, and each finding with the command that shows it again."""
    lines = [_programs(report), _checks(report), _reached(report, search)]
    lines += [f"refused: {text} ({count:,})" for text, count in report.searched.refusals.most_common(MOST_REFUSALS)]
    lines += [f"lost: {text}" for text in report.searched.ended]
    kinds = [(report.of_kind(kind), kind) for kind in KINDS]
    lines.append("found: " + ", ".join(f"{count} {kind if count == 1 else PLURALS[kind]}" for count, kind in kinds))
    for found in report.found:
        again = report.searched.again[found.finding.signature]
        more = f" ({counted(again, 'further program')})" if again else ""
        lines += ["", f"{found.finding.signature}{more}", f"  {found.finding.sentence}", f"  {command(found)}"]
    return "\n".join(lines) + "\n"


def _programs(report: Report) -> str:
    searched = report.searched
    rate = searched.programs / report.seconds if report.seconds else 0.0
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in searched.outcomes.most_common())
    tried = f", and {searched.attempts:,} to shrink what failed" if searched.attempts else ""
    programs = f"{counted(searched.programs, 'program')} of seed {report.seed}, {len(searched.names):,} different"
    return f"{programs}, in {report.seconds:,.0f} s ({rate:.1f} a second){tried}: {outcomes or 'none'}"


def _checks(report: Report) -> str:
    unchecked = report.searched.unchecked
    total = unchecked.total()
    by_backend = ", ".join(f"{count:,} of {name}" for name, count in unchecked.items() if count)
    return f"certified: {report.searched.checks:,} checks, {total:,} unchecked{f' ({by_backend})' if total else ''}"


def _reached(report: Report, search: Search) -> str:
    coverage, missing = report.searched.coverage, report.searched.coverage.missing(search.known, search.find_op)
    reached = {"ops": len(coverage.ops), "settings": len(coverage.settings), "rules": len(coverage.rules)}
    counts = [f"{count:,} of {count + len(missing[what]):,} {what}" for what, count in reached.items()]
    counts.insert(1, f"{len(coverage.pairs):,} pairs of ops")
    return f"reached: {', '.join(counts)}{_named([name for names in missing.values() for name in names])}"


def _named(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
    return f"; not {', '.join(missing[:MOST_NAMED])}{more}"
