"""The report: sections of text with equations, figures, claims and their numbers, as one page of HTML."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd
import pypandoc
import yaml
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup
from typing_extensions import TypedDict

from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.registry import FigureFile, figure_files
from pgpipe.lecture.report.certificates import certificates

# Longer tables are shown by their first rows; the file has them all.
SHOWN_ROWS = 30

SVG = "data:image/svg+xml;base64,"

Row = dict[str, Any]


class ReportSpec(TypedDict):
    """The whole config, and the paths of texts, templates and style in the checkout."""

    config: dict[str, Any]
    texts: list[str]


@dataclass(frozen=True)
class Material:
    """Everything that goes into the report."""

    sources: Mapping[str, str]  # texts, in the order of their sections, templates and style, by name
    pictures: Mapping[str, bytes]  # SVG by figure name
    findings: Mapping[str, str]  # Markdown that ends a caption, by figure name; empty where there is none
    tables: Mapping[str, pd.DataFrame]
    checks: list[Row]
    claims: list[Row]
    cases: pd.DataFrame  # behind the claims
    config: Row

    def figures(self) -> list[FigureFile]:
        """The figures of this run."""
        return [figure for figure in figure_files() if figure.name in self.pictures]


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
            pictures=_by_name(figures),
            findings=_by_name(findings),
            tables=_by_name(tables),
            checks=checks,
            claims=claims,
            cases=cases,
            config=spec["config"],
        )
    )


def read_texts(paths: list[str]) -> dict[str, str]:
    """Templates by file name, and a section's text as `section.md`; the paths are those in the checkout."""
    names = (path.removesuffix("/text.md").rpartition("/")[2] for path in paths)
    return {
        f"{name}.md" if path.endswith("/text.md") else name: (ROOT / path).read_text("utf-8")
        for name, path in zip(names, paths, strict=True)
    }


def _by_name(files: Mapping[str, Any]) -> dict[str, Any]:
    return {Path(path).stem: content for path, content in files.items()}


def render_report(material: Material) -> str:
    """Return the page.  Sections are the sources that end in `.md`, in their order.

    The text places `equation`, `figure` and `claim` by their lecture ids; what it does not place is appended,
    so that nothing measured goes unseen.
    """
    templates = _templates(material.sources)
    pieces = _Pieces(material, templates)
    names = [name for name in material.sources if name.endswith(".md")]
    sections = [_html(templates.get_template(name).render(pieces.placed_by_text())) for name in names]
    return templates.get_template("page.html.j2").render(
        style=Markup(material.sources["style.css"]),
        sections=[Markup(section) for section in sections],
        contents=[_heading(material.sources[name]) for name in names],
        rest=pieces.not_yet_cited(),
        claims=material.claims,
        checks=material.checks,
        estimators=_table(material.tables["estimators"]),
        certificates=certificates(material.tables["certificate"], material.tables["estimators"]),
        references=_table(material.tables["gradient_reference"]),
        config=yaml.safe_dump(material.config, sort_keys=False, default_flow_style=None, width=100),
    )


def render_costs(timings: pd.DataFrame, computations: pd.DataFrame, sources: Mapping[str, str]) -> str:
    """The page of what each job cost, and some computations in them, which no two runs share."""
    by_rule = timings.groupby("rule", sort=False)["seconds"].agg(["count", "sum"])
    return (
        _templates(sources)
        .get_template("costs.html.j2")
        .render(
            style=Markup(sources["style.css"]),
            total=timings["seconds"].sum(),
            rules=_table(
                by_rule.sort_values("sum", ascending=False).round(1).reset_index(), shown=len(by_rule)
            ),
            jobs=_table(timings.sort_values("seconds", ascending=False).round(1), shown=len(timings)),
            computations=_table(computations, shown=len(computations)) if len(computations) else "",
        )
    )


def _templates(sources: Mapping[str, str]) -> Environment:
    """Jinja with << >> and <% %>, which do not occur in TeX or Markdown."""
    environment = Environment(
        loader=DictLoader(dict(sources)),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["interval"] = _interval
    return environment


def _number(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}g}"


def _interval(row: Row) -> str:
    """An estimate with its bounds, if it has any but itself; one that is only known from below says so."""
    value, low, high = (
        number if (number := row[name]) is not None and isfinite(number) else None
        for name in ("value", "low", "high")
    )
    if value is None and low is not None and high is None:
        return f"more than {_number(low, 4)}"
    estimate = _number(value, 4)
    return estimate if row["kind"] == "exact" else f"{estimate} [{_number(low, 4)}, {_number(high, 4)}]"


def _html(markdown: str) -> str:
    """Markdown with TeX formulas as HTML with MathML."""
    html: str = pypandoc.convert_text(markdown, "html5", format="markdown", extra_args=["--mathml"])
    return html


def _heading(source: str) -> tuple[str, str]:
    """(anchor, title) of a section whose first line is `# Title {#anchor}`."""
    title, _, anchor = source.splitlines()[0].removeprefix("# ").partition(" {#")
    return anchor.rstrip("}"), title


def said(findings: str) -> tuple[str, str]:
    """(headline, sentences) of what a run says of a figure; the headline is empty where there is none."""
    first, _, rest = findings.partition("\n\n")
    return (first.removeprefix("# "), rest) if first.startswith("# ") else ("", findings)


def _table(table: pd.DataFrame, shown: int = SHOWN_ROWS) -> Markup:
    html = table.head(shown).to_html(index=False, border=0, na_rep="", float_format="{:.4g}".format)
    return Markup(html)


class _Pieces:
    """What the text can place.  Each piece becomes raw HTML that pandoc passes through."""

    def __init__(self, material: Material, templates: Environment) -> None:
        self.material = material
        self.templates = templates
        self.cited: set[str] = set()  # ids that the text has placed so far

    def placed_by_text(self) -> dict[str, Any]:
        """The names that a section's text can use."""
        return {"equation": self.equation, "figure": self._raw(self.figure), "claim": self._raw(self.claim)}

    def equation(self, id: str, caller: Any) -> str:
        """A displayed formula with its number and the outcome of its checks."""
        self.cited.add(id)
        checks = [check for check in self.material.checks if check["id"] == id]
        badge = self.templates.get_template("checks.html.j2").render(id=id, checks=checks)
        return (
            f'<div class="equation" id="{escape(id)}">\n\n$$ {caller().strip()} $$\n\n'
            f"```{{=html}}\n{badge}\n```\n\n</div>\n"
        )

    def figure(self, id: str) -> str:
        """The pictures of an id, each with its caption, the numbers behind it and the command to draw it."""
        self.cited.add(id)
        pictures = [self._picture(figure) for figure in self.material.figures() if figure.id == id]
        if not pictures:
            return f"<p>Figure {escape(id)} is not part of this run: its config makes no table for it.</p>"
        return f'<div id="{escape(id)}">\n{"".join(pictures)}\n</div>'

    def _picture(self, figure: FigureFile) -> str:
        headline, findings = said(self.material.findings[figure.name])
        return self.templates.get_template("figure.html.j2").render(
            figure=figure,
            picture=SVG + b64encode(self.material.pictures[figure.name]).decode(),
            title=headline or figure.title,
            caption=Markup(_html(f"{figure.caption}\n\n{findings}")),
            method=Markup(_html(figure.method)),
            tables=[
                (name, len(self.material.tables[name]), _table(self.material.tables[name]))
                for name in figure.tables
            ],
            shown=SHOWN_ROWS,
        )

    def claim(self, id: str) -> str:
        """A statement with what was measured and the verdict."""
        self.cited.add(id)
        claim = next((row for row in self.material.claims if row["id"] == id), None)
        if claim is None:
            return f"<p>Claim {escape(id)} is not part of this run: its config makes no table for it.</p>"
        cases = self.material.cases
        own = cases[cases["claim"] == id].to_dict("records")
        return self.templates.get_template("claim.html.j2").render(claim=claim, cases=own)

    def not_yet_cited(self) -> Markup:
        """Figures and claims that no section's text has placed."""
        claims = [self.claim(row["id"]) for row in self.material.claims if row["id"] not in self.cited]
        ids = dict.fromkeys(f.id for f in self.material.figures() if f.id not in self.cited)
        figures = [self.figure(id) for id in ids]
        return Markup("\n".join(claims + figures))

    @staticmethod
    def _raw(piece: Any) -> Any:
        """Let pandoc pass a piece through as it is."""
        return lambda id: f"```{{=html}}\n{piece(id)}\n```\n"
