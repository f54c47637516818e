"""Snakemake's own report can be made of a run, and has every figure on its shelf; nothing in it is fetched."""

import json
import re

from pgpipe.lecture.registry import figure_files
from pgpipe.lecture.report.shelves import labels, shelf


def held(page, name):
    """What the page's script calls by this name."""
    before = f"var {name} = "
    return json.JSONDecoder().raw_decode(page, page.index(before + '{"') + len(before))[0]


def test_it_has_every_figure_with_its_shelf_labels_and_caption(ran, tmp_path):
    made = tmp_path / "snakemake.html"
    process = ran.snakemake("--report", str(made))
    assert process.returncode == 0, process.stdout + process.stderr
    page = made.read_text("utf-8")
    shelves, results = held(page, "categories"), held(page, "results")
    said = {path.stem: path.read_text("utf-8") for path in ran.file("reports/figures").glob("*.md")}
    drawn = [figure for figure in figure_files() if figure.name in said]
    assert len(drawn) > 20
    for figure in drawn:
        path = f"reports/figures/{figure.name}.svg"
        assert path in shelves[shelf(figure)]["Other"]
        assert results[path]["labels"] == labels(figure, said[figure.name])
        assert f"snakemake {path}" in results[path]["caption"]
        assert results[path]["data_uri"].startswith("data:image/svg")
    assert len(results) == len(drawn) + 1
    assert shelves["00 The whole text"] == {"Other": ["reports/lecture.pdf"]}
    assert "system-message" not in page
    assert not re.search(r'(src|href)="https?:', page)
