"""Text in lines of so many columns."""

import pytest

from reports.languages.width import columns, wrapped

JAPANESE = "計算結果は、「正しい値」（h[0, 0] > 0 が偽）の半分です。括弧（かっこ）は行末に残りません。"


@pytest.mark.parametrize("width", range(8, 40))
def test_no_line_of_japanese_ends_with_an_opening_bracket_or_begins_with_a_closing_one(width: int) -> None:
    lines = wrapped(JAPANESE, width)
    assert "".join(lines).replace(" ", "") == JAPANESE.replace(" ", "")
    assert not any(line.endswith(("「", "（")) or line.startswith(("」", "）", "、", "。")) for line in lines)
    assert all(columns(line) <= width or len(line.split()) == 1 for line in lines)


@pytest.mark.parametrize("text", [JAPANESE, "one word after the other, until the line is full"])
def test_lines_begin_with_their_indents(text: str) -> None:
    first, *others = wrapped(text, 24, indents=("- ", "    "))
    assert first.startswith("- ")
    assert others
    assert all(line.startswith("    ") and line[4] != " " for line in others)
