"""What the report is made of, and the one place that reads it from the checkout."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.declared import YOURS, FigureFile
from pgpipe.lecture.registry import figure_files
from pgpipe.lecture.yours import own_text

Row = dict[str, Any]

# What a section asks, at the head of its text.
QUESTION = re.compile(r"^::: question\n(.*?)\n:::$", re.DOTALL | re.MULTILINE)

# The order in which the ledger tells verdicts.
VERDICTS = ("refuted", "undecided", "supported")

_FIGURE = re.compile(r'figure\("(\w+)"\)')


class ReportSpec(TypedDict):
    """The whole config, and the paths of texts, templates, styles and scripts in the checkout."""

    config: dict[str, Any]
    texts: list[str]


@dataclass(frozen=True)
class Material:
    """Everything that goes into the report."""

    sources: Mapping[str, str]  # texts, in the order of their sections, templates, styles, scripts, by name
    pictures: Mapping[str, bytes]  # SVG by figure name
    findings: Mapping[str, str]  # what the run says of a figure, by its name; see `said`
    tables: Mapping[str, pd.DataFrame]
    checks: list[Row]
    claims: list[Row]
    cases: pd.DataFrame  # behind the claims
    config: Row
    records: Mapping[str, Row]  # of each file behind the report: the manifest's rows by path

    @cached_property
    def figures(self) -> list[FigureFile]:
        """The figures of this run."""
        return [figure for figure in figure_files() if figure.name in self.pictures]

    @property
    def sections(self) -> list[str]:
        """The names of the texts, in their order."""
        return [name for name in self.sources if name.endswith(".md")]

    def claim(self, id: str) -> Row | None:
        """A claim's row, if this run tests it."""
        return next((row for row in self.claims if row["id"] == id), None)

    def headline(self, figure: FigureFile) -> str:
        """What the picture shows in this run, or else what it is."""
        return said(self.findings[figure.name])[0] or figure.title

    def makers(self, path: str) -> list[Row]:
        """The records of the jobs that measured what a file holds; of a gathered table those of its parts."""
        record = self.records.get(path)
        if record is None:
            return []
        if record["rule"] != "gather_table":
            return [record]
        return [row for part in record["inputs"] for row in self.makers(part)]


def said(findings: str) -> tuple[str, str]:
    """(headline, sentences) of what a run says of a figure; the headline is empty where there is none."""
    first, _, rest = findings.partition("\n\n")
    return (first.removeprefix("# "), rest) if first.startswith("# ") else ("", findings)


def heading(source: str) -> tuple[str, str]:
    """(anchor, title) of a section whose first line is `# Title {#anchor}`."""
    title, _, anchor = source.splitlines()[0].removeprefix("# ").partition(" {#")
    return anchor.rstrip("}"), title


def question(source: str) -> str:
    """What a section asks, empty if it asks nothing."""
    return found[1] if (found := QUESTION.search(source)) else ""


def in_order(figures: list[FigureFile], source: str) -> list[FigureFile]:
    """A section's figures as its text places them; those that it does not place come last."""
    placed = _FIGURE.findall(source)
    return sorted(figures, key=lambda figure: placed.index(figure.id) if figure.id in placed else len(placed))


def read_texts(paths: list[str]) -> dict[str, str]:
    """Templates by file name, and a section's text as `section.md`; the paths are those in the checkout.

    What this process's plugins bring stands in a section of its own.
    """
    names = (path.removesuffix("/text.md").rpartition("/")[2] for path in paths)
    given = {
        f"{name}.md" if path.endswith("/text.md") else name: (ROOT / path).read_text("utf-8")
        for name, path in zip(names, paths, strict=True)
    }
    return given | ({f"{YOURS}.md": own} if (own := own_text()) else {})


def by_name(files: Mapping[str, Any]) -> dict[str, Any]:
    """Files' contents by their names without folder and ending."""
    return {Path(path).stem: content for path, content in files.items()}


def version() -> str:
    """The installed version of this package."""
    return metadata.version("pgpipe")
