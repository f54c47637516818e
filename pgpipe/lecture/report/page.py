"""The report: sections of text with equations, figures, claims and their numbers, as one page of HTML."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment
from markupsafe import Markup

from pgpipe.jobs.provenance import gather_records
from pgpipe.lecture.common.hues import COLOURS, DIRECTION_COLOURS
from pgpipe.lecture.common.words import WRITTEN
from pgpipe.lecture.report import embedded
from pgpipe.lecture.report.certificates import certificates
from pgpipe.lecture.report.colours import variables
from pgpipe.lecture.report.conversion import converted, whole_text
from pgpipe.lecture.report.formats import html_table, linked, templates_of
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.material import (
    VERDICTS,
    Material,
    ReportSpec,
    Row,
    by_name,
    heading,
    noted,
    read_texts,
    sentences_of,
    version,
)
from pgpipe.lecture.report.mathematics import typeset
from pgpipe.lecture.report.pieces import Pieces

# The picture of the first screen.
LEAD = "F3"

# Colours of the widgets, as variables: c0, c1, … of series, and those of kinds of steps.
HUES = (*((f"c{i}", colour) for i, colour in enumerate(COLOURS)), *DIRECTION_COLOURS.items())

# How pandoc writes the text: the page's own heading is above those of sections.
HTML = ("--mathml", "--section-divs", "--shift-heading-level-by=1", "--wrap=preserve")

_MARKED = re.compile(r'<div class="sourceCode" id="(cb\d+)" data-mark="([\d ]*)"><pre')


def write_report(
    spec: ReportSpec,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, bytes],
    findings: Mapping[str, str],
    checks: list[Row],
    claims: list[Row],
    cases: pd.DataFrame,
) -> str:
    """The report of a run: one file that needs no network."""
    return render_report(
        Material(
            sources=read_texts(spec["texts"]),
            pictures=by_name(figures),
            findings=by_name(findings),
            tables=by_name(tables) | {"claim_cases": cases},
            checks=checks,
            claims=claims,
            cases=cases,
            config=spec["config"],
            records={row["path"]: row for row in gather_records(tables)},
            sentences=sentences_of(by_name(tables)),
            notes=noted(spec.get("notes", []), by_name(tables)),
        )
    )


def plain_page(template: str, sources: Mapping[str, str], **shown: Any) -> str:
    """A page beside the report, in its style: a template, filled with what is shown."""
    page = templates_of(sources).get_template(template)
    return page.render(style=Markup(style(sources, "", "")), version=version(), **shown)


def render_report(material: Material) -> str:
    """Return the page.  Sections are the sources that end in `.md`, in their order."""
    templates, sheet, tables = templates_of(material.sources), Sheet(), material.tables
    pieces = Pieces(material, templates, sheet)
    text = text_of(material, templates, pieces)
    light, dark = (own + shared for own, shared in zip(sheet.style(), variables(HUES), strict=True))
    return templates.get_template("page.html.j2").render(
        material=material,
        version=version(),
        style=Markup(style(material.sources, light, dark) + material.sources["widgets.css"]),
        kinds=Markup(sheet.rules()),
        script=Markup(script(material.sources)),
        letters=Markup(sheet.letters_svg()),
        contents=[(number, *heading(material.sources[name])) for number, name in material.sections.items()],
        text=Markup(linked(text, frozenset(pieces.cited.difference(pieces.missing)))),
        literature='id="refs"' in text,
        lead=next((figure for figure in material.figures if figure.id == LEAD), None),
        measured=[check for check in material.checks if check["kind"] == "measured"],
        by_verdict={word: [c for c in material.claims if c["verdict"] == word] for word in VERDICTS},
        thumbnails={id: figure.name for figure in reversed(material.figures) for id in figure.ids},
        estimators=html_table(tables["estimators"]) if "estimators" in tables else "",
        certificates=certificates(tables["certificate"], tables["estimators"])
        if "certificate" in tables
        else [],
        references=html_table(tables["gradient_reference"]) if "gradient_reference" in tables else "",
        config=yaml.safe_dump(material.config, sort_keys=False, default_flow_style=None, width=88),
        packed=embedded.tables({**material.tables, "claims": embedded.ledger(material.claims)})
        + embedded.code(sorted(pieces.modules)),
    )


def text_of(material: Material, templates: Environment, pieces: Pieces) -> str:
    """All sections as HTML, by one call of pandoc."""
    html = typeset(converted(whole_text(material, templates, pieces), "html5", *HTML))
    return pieces.put_back(_MARKED.sub(_with_marks, html))


def style(sources: Mapping[str, str], light: str, dark: str) -> str:
    """The page's style: letters, colours in light and dark, and the rules."""
    given = {"LIGHT": light, "DARK": dark}
    rules = re.sub(r"/\* (LIGHT|DARK) \*/", lambda found: given[found[1]], sources["style.css"])
    return f"{embedded.fonts()}\n{rules}"


def script(sources: Mapping[str, str]) -> str:
    """The page's script, what widgets share, and the widgets, in the order of their sections."""
    first = ("page.js", "plot.js", "line.js")
    widgets = (name for name in sources if name.endswith(".js") and name not in (*first, "slides.js"))
    names = f"pgpipe.names = {json.dumps(WRITTEN)};"
    page, *others = (sources[name] for name in (*first, *widgets))
    return "\n".join([page, names, *others])


def _with_marks(found: "re.Match[str]") -> str:
    """A listing of code whose marked lines stand out, and which scrolls by keyboard, too."""
    block, lines = found.groups()
    chosen = ",".join(f"#{block}-{line}" for line in lines.split())
    rule = f"<style>{chosen}{{background:var(--mark)}}</style>" if chosen else ""
    return f'{rule}<div class="sourceCode" id="{block}"><pre tabindex="0"'
