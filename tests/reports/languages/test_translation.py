"""Nothing that the suite says of its own catalogues lacks a translation, and a translation says what was said."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from backends.differences import DIFFERENCES
from backends.documentation import documentation
from backends.vocabulary import BUILT_IN, HAND_WRITTEN
from harness.explaining.variants import VARIANTS
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backend
from harness.studies.lab.explaining import hints_on
from harness.studies.lab.questions import explanation_of, questions_on
from harness.studies.lab.submission import ALL_OPS
from reports.languages.translation import (
    PLACEHOLDER,
    Catalogue,
    read_translations,
    translated,
    translated_words,
)
from reports.source.source import (
    ACCUMULATION_PART,
    CARRY_PART,
    LOOP_PARTS,
    SCHEDULE_PART,
    THAW_PART,
    read_backend,
)

TRANSLATIONS = dict(read_translations("ja"))
WORDS = re.compile(r"\b[a-z]{3,} [a-z]{2,}")


def descriptions() -> Iterator[str]:
    yield from (scenario.description for scenario in built_in_scenarios().values())


def docstrings() -> Iterator[str]:
    """The equation and the details of every op and rule."""
    source = read_backend(BUILT_IN[HAND_WRITTEN])
    for name in source.texts:
        if not name.startswith("_") and name != "train":
            said = documentation(ast.get_docstring(source.definition(name)) or "")
            yield from (part for part in (said.equation, said.details) if part)


def differences() -> Iterator[str]:
    """The title of every entry, and what it says of the calls that it shows."""
    for entry in DIFFERENCES:
        yield entry.title
        yield from (note for call in (entry.chainer, entry.torch) if (note := call.partition("): ")[2]))


@pytest.mark.parametrize("said", [descriptions, docstrings, differences], ids=lambda each: each.__name__)
def test_every_entry_has_a_translation(said: Callable[[], Iterator[str]]) -> None:
    texts = [*said()]
    assert len(texts) > 20
    assert [text for text in texts if translated(text, "ja") is None] == []


@pytest.mark.parametrize("part", [*LOOP_PARTS, SCHEDULE_PART, CARRY_PART, ACCUMULATION_PART, THAW_PART])
def test_every_part_of_the_loop_has_a_japanese_name(part: str) -> None:
    said = translated_words(f"loop: {part}", "ja")
    assert said is not None
    assert re.fullmatch(r"ループ：[^a-z]+", said)


def test_every_translation_of_a_catalogue_is_of_something_that_is_said() -> None:
    hints = {hint for op in ALL_OPS for hint in pieces_of_hints(op)}
    for place, said in (
        ("scenarios", {*descriptions()}),
        ("backends.numpy_manual", {*docstrings()} | hints),
        ("backends.differences", {*differences()}),
    ):
        assert TRANSLATIONS[place]["sentences"].keys() - said == set(), place


def pieces_of_hints(op: str) -> Iterator[str]:
    """What hints on an op take from its docstring."""
    said = explanation_of(questions_on(op, "float32")[0].reference)
    yield from (part for part in (said.shapes, said.gradient, said.equation) if part)


@pytest.mark.parametrize("op", ALL_OPS)
def test_every_hint_has_a_translation(op: str) -> None:
    question = questions_on(op, "float32")[0]
    hints = [hint for name in question.expectations for hint in hints_on(question, name, "backward", 3, None)]
    hints += [hint for name in question.outputs for hint in hints_on(question, name, "forward", 3, None)]
    assert len(hints) >= 6
    assert {hint for hint in hints if translated(hint.split("\n")[0], "ja") is None} == set()
    derived = [line for hint in hints for line in hint.split("\n")[1:]]
    assert [line for line in derived if WORDS.search(line)] == [], "formulas alone need no translation"


def test_every_variant_has_a_translation() -> None:
    said = {str(variant) for variants in VARIANTS.values() for variant in variants}
    assert len(said) > 20
    assert {text for text in said if translated(f"got is that of a known variant: {text}", "ja") is None} == set()


def test_every_adjustment_of_a_framework_has_a_translation() -> None:
    entries = [each for name in ("chainer", "torch") for each in load_backend(name).module.NORMALISATIONS]
    assert {each.how for each in entries if translated(f"torch: relu {each.how}", "ja") is None} == set()


@pytest.mark.parametrize("place", TRANSLATIONS)
def test_a_translation_has_the_places_of_the_english(place: str) -> None:
    for english, said in (TRANSLATIONS[place]["sentences"] | TRANSLATIONS[place]["words"]).items():
        places = [{name for name, _ in PLACEHOLDER.findall(text)} for text in (english, said)]
        assert places[0] == places[1], english


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("got is half of want", "計算結果は、正しい値の半分です"),
        (
            "got is the other branch, h[0, 1] = 2, though h[0, 0] > 0, -1 > 0, is false; it fits all 9 wrong elements",
            "計算結果は、h[0, 0] > 0（-1 > 0）が偽なのに、もう一方の分岐の h[0, 1] = 2 になっています。"
            "誤っている 9 要素すべてに当てはまります",
        ),
        (
            "several causes fit equally: got is 0; or got comes out if 1 is left out of x[0] + 1",
            "同じように当てはまる原因がいくつかあります：計算結果が 0 になっています。"
            "または、x[0] + 1 から 1 を除くと、この計算結果になります",
        ),
        (
            "got comes out if sum1 / 8 is not divided by 8, the number of columns of h: a sum where a mean belongs",
            "sum1 / 8 を 8（h の列の数）で割らないと、この計算結果になります。平均のところが和になっています",
        ),
        ("what a user wrote in their own scenario", None),
        ("got is the sum without something that nobody has translated", None),
        (
            "got comes out if lr is 0.01 and eps is 0.1, as without a group, not 0.002 and 0",
            "lr が 0.002、eps が 0 ではなく、lr が 0.01、eps が 0.1（グループなしの値）だと、この計算結果になります",
        ),
    ],
)
def test_a_sentence_is_translated_whole_or_not_at_all(english: str, japanese: str | None) -> None:
    assert translated(english, "ja") == japanese
    assert translated(english, "en") == english


def test_a_sentence_with_a_part_that_has_no_translation_has_none() -> None:
    catalogue = Catalogue({"got is {phrase:words}": "{phrase}です"}, {"twice {name}": "{name} の 2 倍"})
    assert catalogue.sentence("got is twice h") == "h の 2 倍です"
    assert catalogue.sentence("got is odd") is None
    assert catalogue.sentence("twice h") is None


def test_words_of_a_sentence_are_no_sentence() -> None:
    assert translated_words("it is transposed", "ja") == "転置されています"
    assert translated("it is transposed", "ja") is None
