"""A report of one's own always comes out: every figure, claim and check on little, and on what says nothing."""

import re
from importlib import import_module

import matplotlib.pyplot as plt
import pytest
import sparse
from matplotlib.text import Text

from pgpipe.intervals import Interval
from pgpipe.jobs.files import read_file
from pgpipe.lecture import registry
from pgpipe.lecture.report import drawing
from pgpipe.lecture.report.ledgers import evaluate_section
from pgpipe.lecture.report.material import sentences_of

NAN = re.compile(r"(?<![a-z_])nan(?![a-z_])")
PYTHON = re.compile(r"(Error|Warning|Exception): ")  # what no reader of a report should see


@pytest.fixture(scope="module")
def tables(request):
    """The tables of the small run, by name."""
    folder = request.getfixturevalue("ran").file("reports/tables")
    paths = [path for path in sorted(folder.glob("*.csv")) if path.stem not in ("timings", "claim_cases")]
    return {path.stem: read_file(str(path)) for path in paths}


@pytest.fixture
def unrendered(monkeypatch):
    """Figures are made, not rendered; none of their words is a number that is none."""

    def closed(figure):
        plt.close(figure)
        words = [text.get_text() for text in figure.findobj(Text)]
        assert not [text for text in words if NAN.search(text)], words
        return {}

    monkeypatch.setattr(drawing, "pictures", closed)


def drawn(figure, tables):
    """What a run says of a figure, and whether any of its tables has no row."""
    given = {name: tables[name] for name in figure.tables}
    said = drawing.draw_figure({"module": figure.module}, given)["findings"]
    return said, any(table.empty for table in given.values())


def rows_of(tables, changed):
    """Every claim and check of a section whose tables have changed, and its words."""
    for section in registry.section_files():
        if not any(name in changed for name in section.tables):
            continue
        known = {name: tables[name] for name in section.tables if name in tables}
        made = evaluate_section({"section": section.name, "modules": list(section.modules)}, known)
        yield from (
            (row, " ".join(row[part] for part in ("test", "found", "rule", "reason")))
            for row in made["claims"]
        )
        yield from ((row, row["what"]) for row in made["checks"])


def changed(before, after):
    """The names of the tables that are not the same."""
    return {name for name, table in before.items() if not after[name].equals(table)}


def figures(tables, changed):
    """Those of which a table has changed."""
    made = [figure for figure in registry.figure_files() if set(figure.tables) <= set(tables)]
    return [figure for figure in made if set(figure.tables) & set(changed)]


@pytest.mark.parametrize("what", sorted(sparse.SPARSE))
def test_every_figure_is_drawn_of_little(tables, unrendered, caplog, what):
    little = sparse.SPARSE[what](tables)
    for figure in figures(tables, changed(tables, little)):
        said, empty = drawn(figure, little)
        assert not NAN.search(said), (figure.name, said)
        assert empty or not said.startswith("Not drawn"), (figure.name, said)
        assert empty or not caplog.records, (figure.name, caplog.text)
        caplog.clear()


@pytest.mark.parametrize("what", sorted(sparse.EMPTY))
def test_a_figure_of_nothing_says_so(tables, unrendered, what):
    """In a picture of words; Python's own words are not among them."""
    nothing = sparse.EMPTY[what](tables)
    for figure in figures(tables, changed(tables, nothing)):
        said, _ = drawn(figure, nothing)
        assert not NAN.search(said), (figure.name, said)
        assert not PYTHON.search(said), (figure.name, said)


@pytest.mark.parametrize("what", sorted({**sparse.SPARSE, **sparse.EMPTY}))
def test_what_says_nothing_decides_no_claim(tables, what):
    after = {**sparse.SPARSE, **sparse.EMPTY}[what](tables)
    for row, words in rows_of(after, changed(tables, after)):
        assert not NAN.search(words), (row["id"], words)
        assert not PYTHON.search(words), (row["id"], words)
        if "verdict" in row and row["verdict"] != "undecided":
            told = row["estimate"]
            interval = Interval(told["value"], told["low"], told["high"], row["n"], told["kind"])
            assert not interval.says_nothing, row["id"]
            assert what != "no row", row["id"]


@pytest.mark.parametrize("what", sorted({**sparse.SPARSE, **sparse.EMPTY}))
def test_every_sentence_can_be_said_of_little(tables, what):
    said = sentences_of({**sparse.SPARSE, **sparse.EMPTY}[what](tables))
    assert not [name for name, words in said.items() if NAN.search(words)]


def test_a_figure_that_breaks_is_named_in_the_log(tables, unrendered, caplog, monkeypatch):
    """The report comes out without it, and says what went wrong."""
    figure = next(figure for figure in figures(tables, tables) if figure.name == "P1_objective_error")
    monkeypatch.setattr(import_module(figure.module), "draw", lambda table: 1 / 0)
    said, _ = drawn(figure, tables)
    assert said == "Not drawn: ZeroDivisionError: division by zero."
    assert "objective_error could not be drawn" in caplog.text
