"""A page in Japanese says nothing in English but names, code and terms that Japanese engineers use as they are."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from backends.vocabulary import OPTIMIZERS
from harness.studies.lab.submission import ALL_OPS
from tests.reports.page.kinds import KINDS, MAPPED, PLAYED
from tests.reports.page.pages import WIDE, watching

TERMS = {
    *(
        "Lockstep",
        "NumPy",
        "Chainer",
        "PyTorch",
        "CuPy",
        "Lightning",
        "Ignite",
        "Python",
        "WebAssembly",
        "Theano",
        "Keras",
    ),
    *("numpy", "chainer", "torch", "ulp", "dtype", "NaN", "URL", "GPU", "CPU", "Tab", "ms", "XOR", "MLP"),
    *("ReLU", "SGD", "Adam", "RMSprop", "AttributeError", "None", "True", "False", "English"),
}
"""Names, units and terms that stand in Japanese texts as they are."""
OF_CODE = {
    *("Variable", "Function", "Link", "Chain", "Optimizer", "Updater", "Trainer"),
    *(
        "Tensor",
        "autograd",
        "Module",
        "optim",
        "DataLoader",
        "clamp",
        "return",
        "tanh",
        "exp",
        "log",
        "max",
        "backward",
        "detach",
    ),
    *("eps", "lr", "momentum", "loss", "reduction", "none", "mean", "training", *ALL_OPS, *OPTIMIZERS),
}
"""Names of code that texts name, and settings and tensors that tables list."""
OF_THE_TESTS = {"broken", "Network", "agreeing", "parting", "detached", "affine", "norm", "repeated"}
"""Names that the tests give to backends, models, layers and comparisons."""
SETTINGS = {"reduction mean"}
"""Settings of ops with their values, which the code map's rows list."""
SOURCE = re.compile(r"（[A-Z][^（）]*\d[^（）]*）")
"""Where a formula comes from."""
NAME = re.compile(r"\S*(?:[_/\[\]\d=|]|[.:](?=\w))\S*")
"""What no word has in it: an index, a path, a number, a name of several words."""
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
PHRASE = re.compile(r"\b[a-z'’-]{2,} [a-z'’-]{2,}\b")
"""Two words in lower case, one after the other: no name, even if each of them is one."""
SAID = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const said = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    if (!parentElement.closest("code, pre.copied, script, style, noscript, .arithmetic")) said.push(textContent);
  }
  for (const name of ["title", "aria-label", "alt", "placeholder"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) said.push(element.getAttribute(name));
  }
  return [...new Set(said)].filter((text) => text.trim());
}"""
"""Every text of a page outside of code, and what is read aloud in place of one."""


def english_in(text: str) -> list[str]:
    """The English words of a text that are no names and no terms."""
    said = NAME.sub("|", SOURCE.sub("", text))
    unknown = [word for word in WORD.findall(said) if word not in TERMS | OF_CODE | OF_THE_TESTS]
    return unknown or [phrase for phrase in PHRASE.findall(said) if phrase not in SETTINGS]


def test_english_words_are_found() -> None:
    assert english_in("got comes out with x[0, 0] transposed") == ["got", "comes", "out", "with", "transposed"]
    assert (english_in("Epoch:"), english_in("Loading.")) == (["Epoch"], ["Loading"])
    assert english_in("add mean") == ["add mean"]
    assert english_in("PyTorch の relu は 0 ulp（Glorot et al. 2011, AISTATS）") == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_in_japanese_has_no_english(kind: str, opened: Browser, every_kind: Path) -> None:
    """That its address asks for; and its switch says so."""
    with watching(opened, every_kind / f"{kind}.html", "?lang=ja", viewport=WIDE) as watched:
        watched.expect_language("ja")
        assert (watched.page.locator("#play-took").count() > 0) == (kind in PLAYED)
        if kind in PLAYED:
            watched.wait_for_the_playground()
        if kind in MAPPED:
            watched.page.locator("#map .row.call td").last.hover()
        said = watched.page.evaluate(SAID)
        assert sum("。" in text for text in said) > 1
        assert {text: found for text in said if (found := english_in(text))} == {}
