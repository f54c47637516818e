"""The page of a real run, in a browser: by mouse, by keyboard, light and dark, on a phone and in print."""

import csv
import io
import re
from functools import partial

import pytest
from browser import AXE, needs_browser, window
from printed import words_of

pytestmark = needs_browser

WIDTHS = (390, 768, 1280)


@pytest.fixture(scope="module")
def report(request):
    """The small run's page."""
    return request.getfixturevalue("ran").file("reports/lecture.html")


@pytest.fixture
def opened(browser):
    """A function that opens a file in a window of its own."""
    return partial(window, browser)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_goes_wrong_at_any_width(opened, report, width, scheme):
    """No message, no request, nothing wider than the page."""
    with opened(report, width, scheme) as (page, wrong):
        page.evaluate(
            "document.querySelectorAll('.exercise details').forEach((fold) => { fold.open = true; })"
        )
        page.wait_for_timeout(300)
        assert wrong == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_all_readers_can_use_it(opened, report, width, scheme):
    """No violation of serious or critical impact."""
    with opened(report, width, scheme) as (page, _):
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        grave = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
        assert grave == []


def test_every_link_inside_arrives(opened, report):
    with opened(report) as (page, _):
        lost = page.evaluate(
            "[...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))"
            ".filter((h) => !h.startsWith('#') || !document.getElementById(decodeURIComponent(h.slice(1))))"
        )
        assert [href for href in lost if not href.startswith("https://doi.org/")] == []
        assert (
            page.evaluate(
                "[...document.querySelectorAll('use')].filter((u) => !document.querySelector(CSS.escape(u.getAttribute('href')).replace('\\\\#', '#'))).length"
            )
            == 0
        )


def test_dark_has_no_white_slab(opened, report):
    """No picture brighter at its corner than the page around it."""
    with opened(report, scheme="dark") as (page, _):
        page_colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds = page.evaluate(
            "[...document.querySelectorAll('figure svg.picture[id]')]"
            ".map((svg) => getComputedStyle(svg.querySelector('path')).fill)"
        )
        assert len(grounds) > 10
        assert set(grounds) == {page_colour}
        page.click("#theme")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("kind", ["E", "C", "P"])
def test_an_id_shows_what_it_stands_for(opened, report, kind):
    """By mouse and by keyboard; Escape puts it away."""
    with opened(report) as (page, _):
        link = page.locator(f"a.ref[href^='#{kind}']:visible").first
        link.scroll_into_view_if_needed()
        link.hover()
        shown = page.locator("#hover")
        shown.wait_for(state="visible")
        assert shown.locator({"E": "math", "C": ".verdict", "P": "svg"}[kind]).count() == 1
        page.keyboard.press("Escape")
        assert not shown.is_visible()
        page.mouse.move(0, 0)
        link.evaluate(
            "(a) => { const before = document.createElement('button'); a.before(before); before.focus(); }"
        )
        page.keyboard.press("Tab")
        assert shown.is_visible()
        assert link.get_attribute("aria-describedby") == "hover"


def test_a_table_is_whole_and_can_be_sorted_searched_and_kept(opened, report, tmp_path, request):
    ran = request.getfixturevalue("ran")
    with opened(report) as (page, _):
        figure = page.locator("figure").filter(has=page.locator("[data-table]")).first
        name = figure.locator("[data-table]").first.get_attribute("data-table")
        text = ran.file(f"reports/tables/{name}.csv").read_text("utf-8")
        with page.expect_download() as kept:
            figure.locator(f"button[data-csv='{name}']").click()
        kept.value.save_as(tmp_path / "kept.csv")
        assert (tmp_path / "kept.csv").read_text("utf-8") == text
        names, *rows = csv.reader(io.StringIO(text))
        figure.locator("details.behind > summary").click()
        table = figure.locator(f"[data-table='{name}']")
        table.locator("th button").first.wait_for()
        assert table.locator("th button").all_inner_texts() == names
        assert figure.locator("[role=status]").first.inner_text() == f"{len(rows)} of {len(rows)} rows"
        word = rows[0][0]
        figure.locator("input[type=search]").first.fill(word)
        fewer = sum(any(word.lower() in cell.lower() for cell in row) for row in rows)
        assert figure.locator("[role=status]").first.inner_text() == f"{fewer} of {len(rows)} rows"
        head = table.locator("th").first
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"


def test_pictures_and_sources_can_be_kept(opened, report, tmp_path):
    """A picture as a file of its own has its letters and its colours in it."""
    with opened(report) as (page, wrong):
        figure = page.locator("figure:has(button[data-svg])").first
        for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
            with page.expect_download() as kept:
                figure.locator(f"button[data-{kind}]").click()
            kept.value.save_as(tmp_path / f"picture.{kind}")
            assert (tmp_path / f"picture.{kind}").read_bytes().startswith(start)
        drawn = (tmp_path / "picture.svg").read_text("utf-8")
        assert "var(--" not in drawn
        assert set(re.findall(r'<use[^>]* href="#(\w+)"', drawn)) <= set(re.findall(r' id="(\w+)"', drawn))
        assert set(re.findall(r'class="(s\d+)"', drawn)) == set(re.findall(r"\.(s\d+)\{", drawn))
        figure.locator("details.behind > summary").click()
        figure.locator("button[data-code]").first.click()
        page.locator("#file").wait_for(state="visible")  # the source is unpacked first
        assert "def draw(" in page.locator("#file pre").inner_text()
        page.keyboard.press("Escape")
        figure.locator("button[data-zoom]").click()
        assert page.locator("#zoom svg").is_visible()
        assert wrong == []


def test_arrow_keys_turn_the_slides(opened, request):
    with opened(request.getfixturevalue("ran").file("reports/slides.html")) as (page, wrong):
        page.wait_for_timeout(300)
        shown = "Math.round(document.getElementById(location.hash.slice(1)).getBoundingClientRect().top)"
        for key, place in (
            ("ArrowRight", "section-1"),
            ("PageDown", "F13_problems"),
            ("ArrowLeft", "section-1"),
        ):
            page.keyboard.press(key)
            page.wait_for_timeout(200)
            assert page.evaluate("location.hash") == f"#{place}"
            assert abs(page.evaluate(shown)) <= 1
        ground = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        page.keyboard.press("d")
        assert page.evaluate(ground) != "rgb(255, 255, 255)"
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert wrong == []


def test_each_slide_is_a_printed_page(opened, request, tmp_path):
    with opened(request.getfixturevalue("ran").file("reports/slides.html")) as (page, _):
        slides = page.locator(".slide").count()
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(words_of(printed, tmp_path)) == slides


def test_a_citation_leads_to_its_entry(opened, report):
    """On hovering the entry is shown."""
    with opened(report) as (page, _):
        link = page.locator("#text .citation a").first
        link.scroll_into_view_if_needed()
        link.hover()
        page.locator("#hover").wait_for(state="visible")
        entry = page.locator(f"[id='{str(link.get_attribute('href'))[1:]}']")
        assert page.locator("#hover").inner_text().strip() == entry.inner_text().strip()


def test_a_phone_has_a_drawer(opened, report):
    with opened(report, width=390) as (page, _):
        link = page.locator("#contents a[href='#verdicts']")
        assert not link.is_visible()
        page.click("#drawer")
        link.click()
        page.wait_for_timeout(300)
        assert page.evaluate("location.hash") == "#verdicts"
        assert not link.is_visible()


def test_without_scripts_every_picture_and_verdict_is_there(opened, report):
    """And in print, where scripts do not help."""
    with opened(report) as (page, _):
        page.emulate_media(media="print")
        assert page.locator("figure svg.picture").count() == page.locator("figure").count()
        assert page.locator(".claim .verdict").first.is_visible()
        assert not page.locator("#contents").is_visible()
