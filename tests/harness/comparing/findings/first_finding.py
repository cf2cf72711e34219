"""What a comparison found first, and the lines of code that it names."""

from harness.comparing.document.outcome import Finding, Outcome


def first_of(outcome: Outcome) -> Finding:
    """The first finding of a comparison that disagrees."""
    assert outcome.first is not None, str(outcome)
    return outcome.first


def lines_at(outcome: Outcome, finding: Finding) -> tuple[str, str]:
    """The line of code of either side that a finding names; empty where it names none."""
    sources = outcome.side_by_side.sources
    return sources.get(finding.left_place, ""), sources.get(finding.right_place, "")
