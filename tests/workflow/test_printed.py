"""The PDF of a run has what its page and its slides have."""

import json
import re

from printed import words_of

from pgpipe.lecture.registry import figure_files, texts
from pgpipe.lecture.report.material import heading, read_texts, said


def squeezed(text):
    """Without spaces and marks, which a line's end or a formula may set otherwise."""
    return re.sub(r"[^0-9A-Za-z]", "", text)


def test_every_section_figure_and_claim_is_in_print(ran, tmp_path):
    pages = words_of(ran.file("reports/lecture.pdf").read_bytes(), tmp_path)
    assert len(pages) > 20
    whole = squeezed(" ".join(pages))
    for number, source in enumerate(read_texts([*texts()]).values(), 1):
        assert squeezed(f"Section {number} {heading(source)[1]}") in whole
    claims = json.loads(ran.file("reports/claims.json").read_text("utf-8"))
    for claim in claims:
        assert squeezed(claim["id"] + claim["statement"])[:20] in whole
        assert whole.count(claim["id"]) >= 2
    findings = {path.stem: path.read_text("utf-8") for path in ran.file("reports/figures").glob("*.md")}
    for figure in figure_files():
        if figure.name in findings:
            assert squeezed(said(findings[figure.name])[0] or figure.title) in whole
    assert "Literature" in " ".join(pages[-2:])


def test_slides_lead_to_places_of_the_page(ran):
    page = ran.file("reports/lecture.html").read_text("utf-8")
    slides = ran.file("reports/slides.html").read_text("utf-8")
    places = set(re.findall(r'href="lecture\.html#([^"]+)"', slides))
    assert len(places) > 30
    assert places <= set(re.findall(r' id="([^"]+)"', page))
