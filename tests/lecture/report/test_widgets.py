"""Widgets in a browser: they stand where a text places them, without a complaint, for mouse and keyboard."""

import re
from pathlib import Path

import pytest

from pgpipe.config.files import read_config
from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.codebook import rooms
from pgpipe.lecture.common.style import COLOURS
from pgpipe.lecture.config import Config
from pgpipe.lecture.registry import texts, widgets
from pgpipe.lecture.report.colours import darkened
from pgpipe.lecture.report.specs import templates, write_report

NAMES = [Path(path).stem for path in widgets()]


def placed():
    """The widgets that texts and the page's template place."""
    sources = [(ROOT / path).read_text("utf-8") for path in [*texts(), *templates()]]
    return {name for source in sources for name in re.findall(r'widget(?:\("|" data-widget=")(\w+)"', source)}


def test_every_widget_is_placed_and_every_place_has_one():
    assert placed() == set(NAMES)


@pytest.mark.parametrize("path", widgets())
def test_a_widget_asks_for_tables_that_the_page_has(path):
    source = (ROOT / path).read_text("utf-8")
    asked = re.findall(r"\w+", "".join(re.findall(r"tables: \[([^]]*)\]", source)))
    known = {table.name for room in rooms() for table in room.tables} | {"claims"}
    assert set(asked) <= known


def test_a_widget_is_a_part_of_the_report():
    call = write_report(read_config(Config, ROOT / "config.yaml"))
    assert set(widgets()) <= set(call.uses)
    (given,) = [value for key, value in call.spec.items() if key == "texts"]
    assert isinstance(given, list)
    assert set(widgets()) <= set(given)


def places(tab, name):
    found = tab.locator(f'[data-widget="{name}"]')
    found.first.locator(".says, li").first.wait_for(timeout=5000)
    return found


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_a_widget_draws_without_a_complaint(opened, name, width):
    tab = opened(width)
    for place in places(tab, name).all():
        assert place.is_visible()
        box = place.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        spilt = "(root) => [...root.querySelectorAll('*')].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible' && e.clientWidth).length"
        assert place.evaluate(spilt) == 0
        for picture in place.locator("svg.plot").all():
            assert len(picture.get_attribute("aria-label")) > 40
            assert "NaN" not in picture.inner_html()
            assert "undefined" not in picture.inner_html()
    assert tab.complaints == []


NAME = """(e) => (e.closest("fieldset")?.querySelector("legend") ?? e.labels[0].querySelector("span") ?? e.labels[0])
  .textContent.trim()"""


def changes(tab, place, control):
    """Whether an arrow key on a control changes what is said or drawn, and leaves the focus where it was."""
    control.focus()
    before = place.inner_html()
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown"):
        tab.keyboard.press(key)
        if place.inner_html() != before:
            kept = control.evaluate(
                "(e) => document.activeElement.name === e.name && document.activeElement.type === e.type"
            )
            if control.evaluate("(e) => e.tagName") == "SELECT":
                tab.keyboard.press("Home")  # what a list has chosen may leave little to others
            return kept
    return False


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name_and_answers_to_keys(opened, name):
    """Sliders and lists first, then choices, which may show others."""
    tab = opened()
    place, tried = places(tab, name).last, set()
    choices = "input[type=range], select:has(option + option)"
    while True:
        controls = [*place.locator(choices).all(), *place.locator("input[type=radio]:checked").all()]
        ids = [control.evaluate(NAME) for control in controls]
        left = [
            pair for pair in zip(ids, controls, strict=True) if pair[0] not in tried and pair[1].is_visible()
        ]
        if not left:
            break
        label, control = left[0]
        assert label
        assert changes(tab, place, control), label
        tried.add(label)
    assert tried
    assert tab.complaints == []


def test_without_script_nothing_of_a_widget_is_seen(opened):
    tab = opened(java_script_enabled=False)
    for name in placed():
        for place in tab.locator(f'[data-widget="{name}"]').all():
            assert not place.is_visible()
    assert tab.locator("#verdicts .static").is_visible()
    assert tab.locator(".first .static").is_visible()


def test_paper_has_the_static_pictures_and_the_whole_ledger(opened):
    tab = opened()
    places(tab, "verdict_desk")
    tab.emulate_media(media="print")
    assert tab.locator("#verdicts .static").is_visible()
    assert tab.locator(".first .static").is_visible()
    assert not tab.locator(".widget").first.is_visible()


def test_a_widget_whose_tables_a_run_lacks_stays_away(opened):
    """Its static picture stands then."""
    tab = opened()
    tab.evaluate("document.getElementById('table-three_samples').remove()")
    tab.evaluate(
        "document.querySelectorAll('[data-widget]').forEach((place) => { place.hidden = true; place.replaceChildren(); })"
    )
    tab.evaluate("dispatchEvent(new Event('DOMContentLoaded'))")
    tab.wait_for_timeout(500)
    assert not tab.locator('[data-widget="add_a_constant"]').first.is_visible()
    assert tab.complaints == []


def test_series_have_the_pictures_colours(opened):
    tab = opened()
    colour = "getComputedStyle(document.documentElement).getPropertyValue('--c{}')"
    for theme, meant in (("light", str), ("dark", darkened)):
        tab.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        shown = [tab.evaluate(colour.format(i)).lower() for i in range(len(COLOURS))]
        assert shown == [meant(c).lower() for c in COLOURS]


def test_the_desk_moves_a_limit_by_keys(opened):
    """Open a claim's cases, move the limit to the end: all lie below it."""
    tab = opened()
    desk = places(tab, "verdict_desk")
    assert desk.locator("li").count() == 3
    assert not tab.locator("#verdicts .static").is_visible()
    fold = desk.locator("li details").first
    fold.locator("summary").focus()
    tab.keyboard.press("Enter")
    fold.get_by_label(re.compile("^Limit")).focus()
    said = fold.locator(".says").text_content()
    assert "1 lie below, 1 above, 1 on both sides" in said
    tab.keyboard.press("End")
    assert "3 lie below, 0 above, 0 on both sides" in fold.locator(".says").text_content()
    desk.get_by_label("With the words").fill("unbiased")
    assert [link.text_content() for link in desk.locator("li .tag").all()] == ["C1"]
    assert tab.complaints == []


def test_a_link_of_the_desk_has_its_hover(opened):
    tab = opened()
    places(tab, "verdict_desk").locator("li .tag").nth(1).hover()
    tab.locator("#hover").wait_for(state="visible")
    assert "variance" in tab.locator("#hover").text_content()


def test_a_click_starts_the_playground_s_path_there(opened):
    tab = opened()
    place = places(tab, "playground")
    picture = place.locator("svg.plot")
    before = place.locator(".says").text_content()
    box = picture.bounding_box()
    picture.click(position={"x": 0.15 * box["width"], "y": 0.4 * box["height"]})
    assert place.locator(".says").text_content() != before
    k = place.get_by_label(re.compile("^Start, k")).input_value()
    assert float(k) < -1
    place.get_by_role("button", name="Keep this path").press("Enter")
    assert tab.complaints == []


def test_a_constant_moves_the_step(opened):
    tab = opened()
    place = tab.locator('#text [data-widget="add_a_constant"]')
    place.locator(".says").wait_for()
    slider = place.locator("input[type=range]")
    slider.focus()
    tab.keyboard.press("End")
    said = place.locator(".says").text_content()
    assert "3.00 added to every return" in said
    assert place.locator("svg.plot").get_attribute("aria-label").endswith(said)
    place.locator("input[type=radio]").nth(2).press("Space")
    assert "cut to the same, 0.00" in place.locator(".says").text_content()
