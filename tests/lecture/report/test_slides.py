"""The slides: every picture once, with its finding and the verdicts of what it shows."""

import re

import pytest
from markupsafe import escape

from pgpipe.lecture.registry import figure_files, texts
from pgpipe.lecture.report.material import question, read_texts
from pgpipe.lecture.report.slides import write_slides
from pgpipe.lecture.report.specs import templates

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
<path d="M 0 0 L 2 3" style="fill: #0072b2"/></svg>"""
CLAIM = {
    "id": "C1",
    "section": "objective",
    "figure": "P1",
    "statement": "It is so.",
    "reason": "",
    "verdict": "supported",
}


@pytest.fixture
def slides():
    """A function that writes the slides of a run in which all figures say the same."""

    def write(said="# It fell by half\n\nBy much.", names=None, claims=(CLAIM,)):
        names = [figure.name for figure in figure_files()] if names is None else names
        return write_slides(
            {"config": {"seed": 3}, "texts": [*texts(), *templates()]},
            {f"reports/figures/{name}.svg": PICTURE for name in names},
            {f"reports/figures/{name}.md": said for name in names},
            list(claims),
        )

    return write


def test_every_picture_is_a_slide_with_its_finding(slides):
    page = slides()
    for figure in figure_files():
        assert page.count(f'<section class="slide" id="{figure.name}">') == 1
    assert page.count("<h3>It fell by half</h3>") == len(figure_files())
    assert "By much." not in page
    assert f"<h3>{figure_files()[0].title}</h3>" in slides(said="")


def test_a_slide_tells_the_verdicts_of_what_it_shows(slides):
    (slide,) = re.findall(r'<section class="slide" id="P1_.*?</section>', slides(), re.DOTALL)
    assert '<a href="lecture.html#C1">C1</a> <span class="verdict supported">supported</span>' in slide
    refuted = CLAIM | {"verdict": "refuted", "reason": "It is not."}
    page = slides(claims=[refuted])
    (opening,) = re.findall(r'<section class="slide title" id="section-1">.*?</section>', page, re.DOTALL)
    assert "It is not." in opening
    assert "It is so." not in opening
    (last,) = re.findall(r'<section class="slide title" id="refuted">.*?</section>', page, re.DOTALL)
    assert "It is not." in last
    assert 'id="refuted"' not in slides()


def test_slides_follow_the_text(slides):
    """Section by section, each with what it asks; in a section as its text places the pictures."""
    sources = read_texts([*texts()])
    page = slides()
    ids = re.findall(r'<section class="slide(?: title| tall)?" id="([^"]+)"', page)
    for number, (name, text) in enumerate(sources.items(), 1):
        assert f'<p class="question">{escape(question(text))}</p>' in page
        begin = ids.index(f"section-{number}") + 1
        shown = [id for id in ids[begin:] if f".{name.removesuffix('.md')}." in module_of(id)]
        placed = re.findall(r'figure\("(\w+)"\)', text)
        at = [
            min((placed.index(n) for n in (id, id.partition("_")[0]) if n in placed), default=len(placed))
            for id in shown
        ]
        assert at == sorted(at)
        assert ids[begin : begin + len(shown)] == shown


def module_of(name):
    return next((figure.module for figure in figure_files() if figure.name == name), "")


def test_questions_are_plain_words():
    """The slides show them as they stand."""
    asked = [question(text) for text in read_texts([*texts()]).values()]
    assert all(asked)
    assert not re.search(r"[$`*@<\[]", "".join(asked))


def test_a_tall_picture_has_its_words_beside_it(slides, monkeypatch):
    tall = PICTURE.replace(b"0 0 72 36", b"0 0 72 72").replace(b'height="36pt"', b'height="72pt"')
    assert '<section class="slide tall"' not in slides()
    monkeypatch.setitem(globals(), "PICTURE", tall)
    assert slides().count('<section class="slide tall"') == len(figure_files())


def test_a_run_shows_what_it_has(slides):
    page = slides(names=["P1_objective_error"])
    assert page.count('<section class="slide" ') == 1
    assert "seed 3" in page


def test_slides_hold_together_and_need_no_network(slides):
    page = slides()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not re.search(r"https?://(?!www\.w3\.org/)", page)
    assert not re.search(r'\ssrc="', page)
    inside = re.findall(r'href="#([^"]+)"', page)
    assert set(inside) <= set(ids)
