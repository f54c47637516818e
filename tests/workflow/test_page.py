"""The page of a real run tells what its tables say, also where these are wrong or lacking."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import sparse

from pgpipe.jobs.files import read_file
from pgpipe.lecture.registry import section_files, texts
from pgpipe.lecture.report.ledgers import evaluate_section, gather_evidence
from pgpipe.lecture.report.material import Material, by_name, read_texts
from pgpipe.lecture.report.page import render_report
from pgpipe.lecture.report.specs import templates


@pytest.fixture(scope="module")
def files(request):
    """Tables, pictures, findings and config of the small run, by path."""
    ran = request.getfixturevalue("ran")

    def read(pattern):
        return {str(p): read_file(str(p)) for p in sorted(ran.file("reports").glob(pattern))}

    manifest = json.loads(ran.file("reports/manifest.json").read_text("utf-8"))
    tables = {path: table for path, table in read("tables/*.csv").items() if Path(path).stem != "timings"}
    return {"tables": tables, "pictures": read("figures/*.svg"), "findings": read("figures/*.md")} | {
        "config": manifest["made"]["config"],
        "records": {row["path"]: row for row in manifest["files"]},
    }


def page_of(files, tables):
    """The page that these tables make."""
    sections = {}
    for section in section_files():
        known = {path: table for path, table in tables.items() if Path(path).stem in section.tables}
        asked = {name for name in section.tables if any(Path(path).stem == name for path in known)}
        assert asked == set(section.tables)
        sections[section.name] = evaluate_section(
            {"section": section.name, "modules": list(section.modules)}, known
        )
    made = gather_evidence({"stability": None}, sections)
    return render_report(
        Material(
            sources=read_texts([*texts(), *templates()]),
            pictures=by_name(files["pictures"]),
            findings=by_name(files["findings"]),
            tables=by_name(tables),
            config=files["config"],
            records=files["records"],
            checks=json.loads(made["checks"]),
            claims=json.loads(made["claims"]),
            cases=made["cases"],
        )
    )


def corrupted(tables, name, change):
    """The tables, one of them with another content."""
    return {path: change(table) if Path(path).stem == name else table for path, table in tables.items()}


def box(page, id):
    """A claim's place on the page."""
    found = re.search(rf'<div class="claim (\w+)" id="{id}">', page)
    assert found
    return found[1]


def test_a_wrong_table_shows_where_it_is_read(files):
    """p ∇log p is not ∇p any more: E5's check fails, C2 is refuted, and the first screen says so."""
    right = page_of(files, files["tables"])
    assert box(right, "C2") == "supported"
    assert 'href="#C2"><svg' not in right
    wrong = corrupted(
        files["tables"],
        "trajectory_identities",
        lambda t: t.assign(value=t["value"].where(t["equation"] != "E5", 0.1)),
    )
    page = page_of(files, wrong)
    assert box(page, "C2") == "refuted"
    first = page[page.index('<section id="refuted"') : page.index('<div id="text">')]
    assert 'href="#C2"' in first
    assert '<b class="failed">' in page
    equation = page[page.index('<div class="equation" id="E5">') :]
    assert '<summary class="failed">' in equation[: equation.index("</details>")]
    assert box(page, "C4") == box(right, "C4")


def test_numbers_that_are_none_support_nothing(files):
    def lost(table):
        return table.assign(**{name: float("nan") for name in table.select_dtypes("number")})

    page = page_of(files, corrupted(files["tables"], "trajectory_identities", lost))
    assert box(page, "C2") == "undecided"
    assert box(page, "C3") == "undecided"
    assert "could not be tested on trajectory_identities: trajectory_identities has no number in" in page
    assert ">nan<" not in page


def test_a_table_without_its_column_fails_where_it_is_read(files):
    tables = corrupted(files["tables"], "objective_error", lambda table: table.drop(columns="rmse"))
    page = page_of(files, tables)
    assert box(page, "C1") == "undecided"
    assert "could not be tested on objective_error: KeyError" in page


def test_in_a_sound_run_everything_is_tested(files):
    page = page_of(files, files["tables"])
    assert "could not be tested" not in page
    assert "Not drawn" not in page


@pytest.mark.parametrize("what", ["one of each", "no row"])
def test_a_page_of_little_comes_out(files, what):
    """With its certificate, sentences and verdicts; none is decided by nothing."""
    by_name = {Path(path).stem: table for path, table in files["tables"].items()}
    thinner = {**sparse.SPARSE, **sparse.EMPTY}[what](by_name)
    page = page_of(files, {path: thinner[Path(path).stem] for path in files["tables"]})
    assert ">nan<" not in page
    assert "Error: " not in page
    assert what != "no row" or not re.search('<div class="claim (supported|refuted)"', page)


def test_the_page_is_the_one_that_the_run_wrote(files, request):
    """So that what these tests change is all that differs."""
    written = request.getfixturevalue("ran").file("reports/lecture.html").read_text("utf-8")
    tables = {path: table for path, table in files["tables"].items() if Path(path).stem != "claim_cases"}
    assert isinstance(next(iter(tables.values())), pd.DataFrame)
    assert page_of(files, files["tables"]).count("<figure") == written.count("<figure")
