"""A page's scripts share one scope: a name that two of them define means whatever came last."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import reports.page
from reports.page import comparison, lab, ladder, page

ASSETS = Path(reports.page.__file__).parent / "assets"
DEFINITION = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("drawn", [page, ladder, comparison, lab], ids=lambda module: module.__name__)
def test_no_two_scripts_of_a_page_define_the_same_name(drawn: Any) -> None:
    scripts = drawn.SCRIPTS
    defined = Counter(name for script in scripts for name in DEFINITION.findall(_text(script)))
    assert len(defined) > len(scripts)
    assert [name for name, times in defined.items() if times > 1] == []


def _text(script: str) -> str:
    return (ASSETS / f"{script}.js").read_text(encoding="utf-8")
