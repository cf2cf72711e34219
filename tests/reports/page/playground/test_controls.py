"""The playground's controls in a real browser: each does what it says, by pointer and by keyboard."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reports.page.pages import WIDE, watching

NETWORKS = ("article", "linear", "logistic", "xor", "mlp")
Play = Callable[..., Page]


@pytest.fixture
def play(opened: Browser, book: Path) -> Iterator[Play]:
    """Opens the playground at an address, and waits until it has trained."""
    pages = ExitStack()

    def at(address: str = "#play", **options: object) -> Page:
        path, seen = book / "two_layer_tiny.html", {"viewport": WIDE, **options}
        page = pages.enter_context(watching(opened, path, address, **seen)).page
        expect(page.locator("#play-result")).not_to_have_text(re.compile("^(training|$)"))
        expect(page.locator("#play-matrices figure").first).to_be_visible()
        return page

    with pages:
        yield at


def tries(page: Page) -> list[str]:
    return page.locator("#play-tries button").all_inner_texts()


def loss_shown(page: Page) -> float:
    return float(page.locator("#play-loss-shown").inner_text())


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_network_fits_a_phone_in_both_languages(network: str, language: str, play: Play) -> None:
    page = play(f"#play&network={network}", viewport={"width": 360, "height": 800})
    page.locator(f'input[name="language"][value="{language}"]').check(force=True)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shown = page.locator("#play").inner_text()
    assert "play." not in shown
    assert ("学習率" in shown) == (language == "ja")


def test_the_slider_of_the_learning_rate_is_logarithmic_and_trains_at_once(play: Play) -> None:
    page = play()
    slider = page.get_by_label("learning rate, on a logarithmic scale")
    assert float(slider.input_value()) == -4
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.001")
    expect(page).to_have_url(re.compile("#play&lr=0.001$"))
    expect(page.locator("#play-loss-shown")).not_to_have_text("1.0948619")
    assert loss_shown(page) < 1.0948619
    page.get_by_label("learning rate", exact=True).fill("0.01")
    assert float(slider.input_value()) == -2


def test_single_steps_reach_every_epoch_by_keyboard(play: Play) -> None:
    page = play()
    page.get_by_role("button", name="To the start").press("Enter")
    expect(page.locator("#play-epoch-shown")).to_have_text("1")
    assert loss_shown(page) == pytest.approx(1.4170488)
    page.get_by_role("button", name="One epoch further").press("Enter")
    expect(page.locator("#play-epoch-shown")).to_have_text("2")
    assert loss_shown(page) == pytest.approx(1.4156910)
    page.locator("#play-epoch").press("ArrowRight")
    expect(page.locator("#play-epoch-shown")).to_have_text("3")
    page.get_by_role("button", name="One epoch back").press("Enter")
    expect(page.locator("#play-epoch-shown")).to_have_text("2")
    page.get_by_role("button", name="To the end").press("Enter")
    expect(page.locator("#play-epoch-shown")).to_have_text("300")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_play_and_pause(motion: str, play: Play) -> None:
    page = play()
    page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    page.locator("#play-film").click()
    expect(page.locator("#play-film")).to_have_text("❚❚ Pause")
    expect(page.locator("#play-epoch-shown")).not_to_have_text(re.compile("^(1|300)$"))
    page.locator("#play-film").click()
    expect(page.locator("#play-film")).to_have_text("▶ Play")
    epoch = page.locator("#play-epoch-shown").inner_text()
    page.wait_for_timeout(700)
    expect(page.locator("#play-epoch-shown")).to_have_text(epoch)
    if motion == "reduce":
        assert int(epoch) % 30 == 1


def test_the_scale_of_the_loss_is_logarithmic_where_one_asks(play: Play) -> None:
    page = play()
    page.get_by_label("logarithmic scale", exact=True).check()
    expect(page.locator("#play-chart .reading").first).to_contain_text("1.0948619")
    assert page.locator("#play-chart text[text-anchor=end]").all_text_contents() == ["1", "2"]


def test_the_last_five_tries_are_named_and_bring_their_settings_back(play: Play) -> None:
    page = play()
    for rate in ("0.001", "0.002", "0.005", "0.01", "0.02"):
        page.get_by_label("learning rate", exact=True).fill(rate)
        page.keyboard.press("Tab")
        expect(page.locator("#play-tries button").first).to_have_text(f"lr={rate}")
    assert tries(page) == ["lr=0.02", "lr=0.01", "lr=0.005", "lr=0.002", "lr=0.001"]
    names = page.locator("#play-chart .legend li > span:first-of-type").all_inner_texts()
    assert names == ["the article's program", "lr=0.001", "lr=0.002", "lr=0.005", "lr=0.01", "lr=0.02"]
    assert page.locator("#play-chart path.curve").count() == 2 * len(names)
    page.get_by_role("button", name="lr=0.002").click()
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.002")
    expect(page.locator("#play-tries button").first).to_have_text("lr=0.002")
    expect(page).to_have_url(re.compile("lr=0.002$"))


def test_what_a_slider_passes_is_no_try(play: Play) -> None:
    page = play()
    page.get_by_label("learning rate, on a logarithmic scale").evaluate(
        """(slider) => {
          for (const place of [-3.5, -3, -2.5]) {
            slider.value = place;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
          }
          slider.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    expect(page.locator("#play-tries button").first).to_have_text("lr=0.0032")
    assert tries(page) == ["lr=0.0032", "the article's program"]


def test_any_element_is_written_out_with_its_numbers(play: Play) -> None:
    page = play()
    page.get_by_role("button", name="To the start").click()
    expect(page.locator('#play-matrices figure[data-tensor="h"] td').nth(1)).to_have_text("0.51268864")
    page.locator('#play-matrices figure[data-tensor="h"] td').nth(1).focus()
    panel = page.locator("#play-panel")
    expect(panel).to_contain_text("x[0, 2] · w1[2, 1]")
    expect(panel.locator("b")).to_have_text("0.51268864")
    used = page.locator("#play-matrices td.used").evaluate_all("all => all.map((cell) => cell.textContent)")
    factors = np.array(used, np.float32)
    assert np.float32(np.dot(np.sort(factors[:3]), [1, 1, 1])) == pytest.approx(float(np.sum(factors[:3])))
    assert len(used) == 6
    page.keyboard.press("ArrowDown")
    expect(panel.locator("b")).to_have_text("1.480649")
    page.get_by_role("button", name="One epoch further").click()
    expect(panel.locator("b")).not_to_have_text("1.480649")


@pytest.mark.parametrize("network", NETWORKS)
def test_every_tensor_of_every_network_has_its_arithmetic(network: str, play: Play) -> None:
    page = play(f"#play&network={network}&epochs=5")
    panel = page.locator("#play-panel")
    for figure in page.locator("#play-matrices figure").all():
        name = figure.get_attribute("data-tensor") or ""
        cell = figure.locator("td").first
        cell.focus()
        if name in ("x", "y", "t", "w", "b", "w1", "b1", "w2", "b2"):
            expect(panel).to_contain_text(re.compile("drawn from the seed|starts from"))
        else:
            value = np.float32(cell.inner_text())
            shown = re.sub("^new ", "", name)  # as a word: before, the title may be grad_h[0, 0]'s
            expect(panel.locator(".panel-title")).to_contain_text(re.compile(rf"(?<!\w){re.escape(shown)}(?!\w)"))
            written = np.float32(panel.locator(".arithmetic > b").inner_text())
            np.testing.assert_allclose(value, written, rtol=1e-4)


def test_long_sums_are_shortened_and_say_by_how_much(play: Play) -> None:
    page = play("#play&N_I=1000&epochs=2")
    page.locator('#play-matrices figure[data-tensor="h"] td').first.focus()
    expect(page.locator("#play-panel")).to_contain_text("… 992 more terms …")
    assert page.locator("#play-panel .terms tr").count() == 9


def test_every_element_of_a_large_matrix_can_be_gone_to(play: Play) -> None:
    page = play("#play&N_I=1000&epochs=2")
    figure = page.locator('#play-matrices figure[data-tensor="w1"]')
    first = figure.locator("td").first.inner_text()
    expect(figure.locator(".window")).to_contain_text("rows 0–5 of 1000, columns 0–1 of 2")
    figure.get_by_role("button", name="w1: rows after").press("Enter")
    expect(figure.locator(".window")).to_contain_text("rows 6–11 of 1000")
    expect(figure.get_by_role("button", name="w1: rows after")).to_be_focused()
    assert figure.locator("td").first.inner_text() != first
    assert (figure.locator("td").first.get_attribute("aria-label") or "").startswith("w1[6, 0] ")
    after = page.locator('#play-matrices figure[data-tensor="new w1"]')
    after.get_by_role("button", name="rows after").click()
    expect(after.locator(".window")).to_contain_text("rows 6–11 of 1000")
    after.locator("td").nth(3).focus()
    expect(page.locator("#play-panel")).to_contain_text("w1'[7, 1] = w1[7, 1] - lr · grad_w1[7, 1]")
    assert figure.locator("td.used").count() == 1
    figure.get_by_role("button", name="w1: rows before").click()
    expect(figure.locator("td").first).to_have_text(first)


def test_the_network_is_drawn_with_its_weights(play: Play) -> None:
    page = play("#play&network=xor")
    lines = page.locator("#play-network-drawn line.weight")
    assert lines.count() == 2 * 4 + 4 * 1
    titles = lines.locator("title").evaluate_all("all => all.map((title) => title.textContent)")
    widths = [float(line.get_attribute("stroke-width") or 0) for line in lines.all()]
    weights = [float(title.split(" = ")[1]) for title in titles]
    assert np.argsort(widths).tolist() == np.argsort(np.abs(weights)).tolist()
    signs = ["minus" in (line.get_attribute("class") or "") for line in lines.all()]
    assert signs == [weight < 0 for weight in weights]


def test_the_decision_boundary_is_where_the_output_changes_its_sign(play: Play) -> None:
    page = play("#play&network=xor")
    expect(page.locator("#play-sides")).to_have_text(
        "4 of 4 examples are on their own side of the boundary, where the output is 0."
    )
    colours = page.locator("#play-plane-drawn").evaluate(
        """(canvas) => {
          const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const at = (x, y) => 4 * (Math.floor(width * y) * width + Math.floor(width * x));
          return [[0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]].map(([x, y]) => data[at(x, y) + 2] > data[at(x, y)]);
        }"""
    )
    assert colours == [True, False, False, True] or colours == [False, True, True, False]
    page.get_by_role("button", name="To the start").click()
    expect(page.locator("#play-sides")).not_to_contain_text("4 of 4")
    page.get_by_label("network", exact=True).select_option("linear")
    expect(page.locator("#play-plane")).to_be_hidden()


def test_the_code_follows_the_settings_and_is_copied(play: Play) -> None:
    page = play()
    code = page.locator("#play-code")
    expect(code).to_contain_text("h_r = np.maximum(h, 0)")
    page.get_by_label("epochs", exact=True).fill("7")
    expect(code).to_contain_text("for epoch in range(1, 8):")
    page.get_by_label("PyTorch", exact=True).check(force=True)
    expect(code).to_contain_text("optimizer.zero_grad()")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#play-copied")).to_have_text(re.compile("Copied|Selected"))


def test_every_control_has_a_name_and_can_be_reached_by_keyboard(play: Play) -> None:
    page = play("#play&network=mlp")
    page.locator("#play-heading").focus()
    reached = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    controls = page.locator("#play :is(input, select, button):visible").evaluate_all(
        "all => all.map((each) => each.id).filter(Boolean)"
    )
    assert set(controls) <= reached
    unnamed = page.locator("#play :is(input, select, button, canvas, svg[role=img])").evaluate_all(
        """all => all.filter((e) => !e.labels?.length && !e.ariaLabel && !e.getAttribute("aria-labelledby")
             && !e.textContent.trim()).map((e) => e.outerHTML)"""
    )
    assert unnamed == []


def test_what_is_focused_among_the_matrices_is_under_nothing(play: Play) -> None:
    page = play("#play&network=mlp&activation=sigmoid")
    page.locator("#play-tries button").first.focus()
    covered = """() => {
      const focused = document.activeElement;
      const { left, top, width, height } = focused.getBoundingClientRect();
      const there = document.elementFromPoint(left + width / 2, top + height / 2);
      return focused.contains(there) ? "" : `${focused.outerHTML.slice(0, 90)} is under ${there?.outerHTML}`;
    }"""
    stops = 0
    while stops < 80 and page.evaluate("document.activeElement.id") != "play-code":
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('#play-matrices'))"):
            page.wait_for_timeout(50)  # the panel below grows with what it writes out
            assert page.evaluate(covered) == ""
            stops += 1
    assert stops > 30


def test_a_change_is_seen_within_a_tenth_of_a_second(play: Play) -> None:
    page = play()
    waited = page.evaluate(
        """() => new Promise((resolve) => {
          const shown = document.getElementById("play-loss-shown");
          const input = document.getElementById("play-lr");
          const started = performance.now();
          const seen = () => requestAnimationFrame(() => resolve(performance.now() - started));
          new MutationObserver(seen).observe(shown, { childList: true });
          input.value = "0.02";
          input.dispatchEvent(new Event("input", { bubbles: true }));
        })"""
    )
    assert waited < 500  # loosely, since other tests run beside this one


def test_without_a_worker_the_playground_says_so_and_the_rest_of_the_page_works(opened: Browser, book: Path) -> None:
    context = opened.new_context()
    context.add_init_script("window.Worker = class { constructor() { throw new Error('no worker here'); } }")
    page = context.new_page()
    page.goto((book / "two_layer_tiny.html").as_uri())
    expect(page.locator("#play-result")).to_contain_text("starts no worker")
    expect(page.locator("#map figure").first).to_be_visible()
    context.close()


def test_a_long_training_is_drawn_while_it_goes_on(play: Play) -> None:
    page = play("#play&M=64&N_I=1000&N_H=100&N_O=10&epochs=200")
    page.get_by_label("learning rate", exact=True).fill("0.0002")
    expect(page.locator("#play-result")).to_contain_text("of 200")
    path = page.locator("#play-chart svg.chart path.current")
    some = path.get_attribute("d") or ""
    expect(page.locator("#play-result")).to_contain_text("differs")
    assert some.count("L") < (path.get_attribute("d") or "").count("L") == 199
