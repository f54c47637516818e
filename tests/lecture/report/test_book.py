"""The report in print has the same text, pictures and verdicts as the page."""

import pandas as pd
import pytest

from pgpipe.lecture.registry import figure_files, texts
from pgpipe.lecture.report.book import proportion, quoted, render_book, write_book
from pgpipe.lecture.report.material import Material, heading, read_texts
from pgpipe.lecture.report.specs import templates

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
<path d="M 0 0 L 2 3" style="fill: #0072b2"/></svg>"""
CHECK = {
    "id": "E5",
    "what": "a",
    "value": 1.0,
    "reference": 1.0,
    "tolerance": 0.1,
    "n": 3,
    "kind": "measured",
    "passed": True,
}
CLAIM = {
    "id": "C1", "section": "objective", "statement": 'Is #this *so* "quoted"?', "test": "t", "found": "f_1", "rule": "r",
    "reason": "", "n": 7, "n_counts": "batches", "verdict": "refuted", "stability": {"seeds": 5, "same": 4},
    "estimate": {"quantity": "q", "unit": "nats", "value": -0.5, "low": -0.6, "high": -0.4, "kind": "95 % interval"},
    "figure": "P1", "tables": ["x"],
}  # fmt: skip
CASES = pd.DataFrame(columns=["claim", "case"])


@pytest.fixture
def inputs():
    """What the job of the PDF reads."""
    names = [figure.name for figure in figure_files()]
    return {
        "spec": {"config": {"seed": 3}, "texts": [*texts(), *templates()]},
        "tables": {},
        "figures": {f"reports/figures/{name}.svg": PICTURE for name in names},
        "findings": {f"reports/figures/{name}.md": "# It fell by half\n\nBy $x^2$ much." for name in names},
        "checks": [CHECK, CHECK | {"passed": False}],
        "claims": [CLAIM],
        "cases": CASES,
    }


@pytest.fixture
def source(inputs):
    """The PDF's source."""
    names = [figure.name for figure in figure_files()]
    return render_book(
        Material(
            sources=read_texts(inputs["spec"]["texts"]),
            pictures=dict.fromkeys(names, PICTURE),
            findings=dict.fromkeys(names, "# It fell by half\n\nBy $x^2$ much."),
            tables={},
            checks=inputs["checks"],
            claims=inputs["claims"],
            cases=CASES,
            config={"seed": 3},
            records={},
        )
    )


def test_two_compilations_are_the_same_bytes(inputs):
    first, second = write_book(**inputs), write_book(**inputs)
    assert first.startswith(b"%PDF")
    assert first == second


def test_it_has_every_section_picture_and_claim(source):
    sections = [text for name, text in read_texts([*texts()]).items() if name.endswith(".md")]
    for text in sections:
        anchor, _ = heading(text)
        assert f"<{anchor}>" in source
    for figure in figure_files():
        assert source.count(f'image("{figure.name}.svg"') == 1
        for id in figure.ids:
            assert f"<{id}>" in source
    assert source.count('#strong("It fell by half.")') == len(figure_files())
    assert "the same verdict in 4 of 5" in source
    assert "✗ 1 of 2" in source
    assert "Claim C2 is not part of this run" in source


def test_words_stay_words(source):
    """What typst would take for a command, or the end of a string, is set as it is."""
    assert quoted('a "b"') == '"a \\"b\\""'
    assert r'"Is #this *so* \"quoted\"?"' in source


def test_brackets_of_a_formula_fit_what_they_hold(source):
    assert "[\\(]" not in source
    assert "[\\)]" not in source


def test_a_tall_picture_fits_on_its_page():
    assert proportion(PICTURE) == 0.5
    assert proportion(b"<svg/>") == 1.0
