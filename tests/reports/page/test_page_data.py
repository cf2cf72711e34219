"""What stands in a page beside its texts: every number of the run, the lines of the map, and the arithmetic."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from lockstep.pages.contents import page_content
from reports.languages.language import Language
from reports.page.page import render_page
from reports.page.run.map import page_rows
from reports.page.run.numbers import FIRST_EPOCHS, PageNumbers, elements_of, exact, kept_epochs, summary
from reports.page.run.verdict import findings
from tests.harness.broken import with_changes
from tests.harness.studies.article_runs import PROGRAM, recorded


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        ("en", ["Where a bound is exceeded</span>", ">mine exceeds the bound of <code>"], "Where it goes wrong</span>"),
        ("ja", ["許容差を超えた箇所</span>", "</code> は、許容差をわずかに超えています"], "誤りの箇所</span>"),
    ],
)
def test_a_slight_excess_is_not_called_wrong(language: Language, said: list[str], not_said: str) -> None:
    def tanh(x: Array) -> Any:
        y = (np.tanh(x.astype(np.float64)) * (1 + 6 * 2.0**-24)).astype(x.dtype)
        return y, lambda grad_y: (grad_y * (1 - y * y),)

    short = built_in_scenarios()["mlp_tanh"].vary(epochs=3)
    loaded = [load_backend("numpy"), LoadedBackend("mine", with_changes(tanh=tanh))]
    result = run_scenario(short, loaded)
    assert result.verdict == "inconclusive"
    assert {entry["key"] for entry in findings(result)} == {"culprit.slight"}
    page = render_page(page_content(short, result, loaded), language)
    assert [words for words in said if words not in page] == []
    assert not_said not in page


def test_lines_say_what_they_read_and_write() -> None:
    rows = {row.title: row for row in page_rows(PROGRAM)}
    relu = {key: [(line.reads, line.writes) for line in lines] for key, lines in rows["op.relu"].cells}
    assert relu["forward"] == [(("h",), ("h_r",))]
    assert relu["backward"] == [(("h", "grad_h_r"), ("grad_h",))]
    assert relu["chainer"] == relu["torch"] == [(("h",), ("h_r",))]
    sgd = rows["optimizer sgd"]
    assert sgd.forward == ("new w1", "new w2")
    assert rows["loop: step"].writes == ("new w1", "new w2")
    assert rows["loop: backward"].writes[:1] == ("grad_w1",)


def test_a_gradient_of_several_uses_stands_where_it_is_complete() -> None:
    rows = page_rows(recorded(built_in_scenarios()["residual_shared"]))
    shown = [name for row in rows for name in row.backward]
    assert len(shown) == len(set(shown))
    assert "grad_w" in rows[0].backward


def test_numbers_keep_every_bit() -> None:
    random = np.random.RandomState(0)
    array = (random.standard_normal(90) * 10.0 ** random.randint(-40, 38, 90)).astype(np.float32)
    kept = json.loads(json.dumps(elements_of(array)))
    np.testing.assert_array_equal(np.array(kept, np.float32), array)
    assert [exact(x) for x in np.array([np.nan, np.inf, -np.inf, 0], np.float32)] == ["nan", "inf", "-inf", 0]
    assert str(exact(np.float32(-0.0))) == "-0.0"


def test_what_is_like_the_reference_or_the_epoch_before_is_left_out() -> None:
    nan, other_nan = (np.array([word], np.uint32).view(np.float32) for word in (0x7FC00000, 0x7FC00001))
    one, other = np.array([1, 2], np.float32), np.array([1, 3], np.float32)
    zero = np.zeros(1, np.float32)
    kept = PageNumbers(PROGRAM, {"h": one, "y_p": nan})
    kept.keep("numpy", 1, {"h": one, "y_p": nan})
    kept.keep("torch", 1, {"h": other, "y_p": other_nan})
    kept.keep("mine", 1, {"h": one})
    kept.keep("numpy", 2, {"h": one, "y_p": -zero})
    kept.keep("torch", 2, {"h": one, "y_p": zero})
    assert kept.epochs == [1, 2]
    assert kept.numbers == [
        {"numpy": {"h": [1, 2], "y_p": ["nan"]}, "torch": {"h": [1, 3]}, "mine": {"y_p": None}},
        {"numpy": {"y_p": [-0.0]}, "torch": {"y_p": [0]}},
    ]


def test_large_tensors_are_summed_up() -> None:
    array = np.random.RandomState(0).standard_normal((30, 40)).astype(np.float32)
    array[0, :3] = [0, np.nan, 5]
    summarised = summary(array)
    assert sum(summarised["counts"]) + summarised["notFinite"] == array.size
    assert summarised["zeros"] == 1
    assert summarised["high"] == 5
    assert summarised["corner"][:3] == [0, "nan", 5]


def test_pictures_of_large_tensors_are_kept_where_they_differ() -> None:
    images = np.arange(120, dtype=np.float32).reshape(10, 12)
    images[0, 1] = np.nan
    first = {"x": images, "h": images.reshape(2, 5, 3, 4), "y": images}
    kept = PageNumbers(PROGRAM, first, pictures={"x": (3, 4)})
    kept.keep("numpy", 1, first)
    kept.keep("torch", 1, {"x": images + 1, "h": images.reshape(2, 5, 3, 4) + 1, "y": images})
    of_numpy, of_torch = kept.numbers[0]["numpy"], kept.numbers[0]["torch"]
    assert isinstance(of_numpy, dict)
    assert isinstance(of_torch, dict)
    greys = np.frombuffer(b64decode(of_numpy["x"]["greys"]), np.uint8)
    assert (len(greys), greys[0], greys[1], greys[-1]) == (8 * 12, 0, 0, 255)
    assert greys[2] == round(255 * 2 / 95)
    assert of_numpy["h"]["greys"] == of_numpy["x"]["greys"]
    assert not any("greys" in each for each in (of_torch["x"], of_torch["h"], of_numpy["y"]))
    kept.keep("mine", 1, {"x": images[::-1], "h": first["h"], "y": images})
    of_mine = kept.numbers[0]["mine"]
    assert isinstance(of_mine, dict)
    assert of_mine["x"]["greys"] != of_numpy["x"]["greys"], "no picture of the reference's hides what is wrong"
    assert [kept.tensors[name].get("picture") for name in ("x", "h", "y")] == [(3, 4), (3, 4), None]


def test_an_update_on_fewer_rows_is_kept_in_the_form_of_the_first() -> None:
    """Also where it is the first that the page keeps, as where a backend goes wrong only in the last batch."""
    kept = PageNumbers(PROGRAM, {"x": np.zeros((12, 16)), "y": np.zeros((12, 3))}, {"x": (1, 7)})
    last = np.arange(32.0).reshape(2, 16)
    kept.keep("numpy", 1, {"x": last, "y": np.ones((2, 3))})
    of_last = kept.numbers[0]["numpy"]
    assert isinstance(of_last, dict)
    assert (kept.tensors["x"]["shape"], kept.tensors["y"]["shape"]) == ([12, 16], [12, 3])
    assert kept.tensors["x"]["start"] == (1, 7)
    assert of_last["x"]["shape"] == [2, 16]
    assert (of_last["x"]["columns"], of_last["x"]["corner"]) == (5, [23, 24, 25, 26, 27])
    assert of_last["y"] == [1] * 6


@pytest.mark.parametrize("epochs", [1, 2, 11, 300, 2000])
def test_first_and_last_epochs_are_kept(epochs: int) -> None:
    kept = kept_epochs(epochs, PROGRAM, 3)
    assert kept == sorted(set(kept))
    assert set(kept) >= {*range(1, min(epochs, FIRST_EPOCHS) + 1), epochs}
    assert kept[-1] == epochs
