"""Snakemake's own report has the figures in the order of the lecture, with what each shows in the run."""

import pytest
from docutils.core import publish_parts

from pgpipe.lecture.registry import SECTIONS, figure_files
from pgpipe.lecture.report.shelves import labels, restructured, shelf


def figure(name):
    return next(figure for figure in figure_files() if figure.name == name)


def test_shelves_are_sorted_as_the_lecture_is():
    shelves = dict.fromkeys(shelf(figure) for figure in figure_files())
    assert list(shelves) == sorted(shelves)
    assert len(shelves) == len({figure.section for figure in figure_files()}) <= len(SECTIONS)
    assert shelf(figure("P1_objective_error")) == "01 The objective"


def test_a_figure_bears_its_id_and_what_it_shows():
    drawn = figure("P8_importance_weights")
    assert labels(drawn, "# It fell by half\n\nBy much.") == {
        "picture": "\u2007P8",
        "shows": "It fell by half",
    }
    assert labels(drawn, "By much.")["shows"] == drawn.title
    assert labels(figure("P10_off_policy_error"), "")["picture"] == "P10"


def test_a_caption_keeps_its_words_and_formulas():
    assert restructured("|a|, *b* and $x_t$.") == r"\|a\|, *b* and :math:`x_t`."
    assert restructured("no formula") == "no formula"


@pytest.mark.parametrize("drawn", figure_files(), ids=lambda figure: figure.name)
def test_docutils_reads_every_caption(drawn):
    body = publish_parts(restructured(drawn.caption), writer="html")["body"]
    assert "system-message" not in body
    assert "$" not in body
