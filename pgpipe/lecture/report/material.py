"""What the report is made of, and the one place that reads it from the checkout."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NotRequired

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.common.words import NoNumberError, with_signs
from pgpipe.lecture.declared import YOURS, FigureFile
from pgpipe.lecture.registry import figure_files, sentences
from pgpipe.lecture.yours import own_text

Row = dict[str, Any]

# What a section asks, at the head of its text, and equations of which each changes the one before.
QUESTION, LADDER = (
    re.compile(rf"^::: ({name})\n(.*?)\n:::$", re.DOTALL | re.MULTILINE) for name in ("question", "ladder")
)

# The order in which the ledger tells verdicts.
VERDICTS = ("refuted", "undecided", "supported")

_FIGURE = re.compile(r'figure\("(\w+)"\)')

# What a text places of a run.
_PLACED = re.compile(r'(?:equation|figure|claim|evidence)\("(\w+)"\)')


class ReportSpec(TypedDict):
    """The whole config, and the paths of texts, templates, styles and scripts in the checkout."""

    config: dict[str, Any]
    texts: list[str]
    notes: NotRequired[list[str]]  # what a reader has to know of environments


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
    sentences: Mapping[str, str] = field(default_factory=dict)  # what the run says in the texts, by name
    notes: Sequence[str] = ()  # what a reader has to know of environments; see `noted`

    @cached_property
    def figures(self) -> list[FigureFile]:
        """The figures of this run."""
        return [figure for figure in figure_files() if figure.name in self.pictures]

    @property
    def texts(self) -> dict[int, str]:
        """The names of the texts, by their place in the lecture."""
        return dict(enumerate((name for name in self.sources if name.endswith(".md")), 1))

    @property
    def sections(self) -> dict[int, str]:
        """Those of them that the report has: all but those of which nothing was run."""
        return {number: name for number, name in self.texts.items() if self._ran(self.sources[name])}

    @property
    def left_out(self) -> list[str]:
        """Number and title of the others."""
        others = {number: name for number, name in self.texts.items() if number not in self.sections}
        return [f"{number} {heading(self.sources[name])[1]}" for number, name in others.items()]

    def _ran(self, source: str) -> bool:
        """Whether this run has anything that a text places; a text that places nothing needs no run."""
        made = {row["id"] for row in (*self.checks, *self.claims)}.union(*(f.ids for f in self.figures))
        placed = {name.partition("_")[0] for name in _PLACED.findall(source)}
        return bool(placed & made) or not placed

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
        if not record["function"].endswith(":gather_table"):  # the rule of a module may have another name
            return [record]
        return [row for part in record["inputs"] for row in self.makers(part)]


def noted(notes: list[str], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What was found of environments before any job, and the seeds and cells that they have stopped since."""
    seeds, cells = (tables.get(name, pd.DataFrame()) for name in ("stopped_seeds", "stopped_cells"))
    why = "the environment gave {found} at step {step} of episode {episode}"
    stopped = "{environment}: seed {seed} of {recipe} was stopped at update {update}, as " + why
    empty = "{environment}: the gradient study at {policy} is empty, as " + why + " of batch {batch}"
    pairs = ((stopped, seeds), (empty, cells))
    return [*notes, *(text.format(**row) for text, rows in pairs for row in rows.to_dict("records"))]


def said(findings: str) -> tuple[str, str]:
    """(headline, sentences) of what a run says of a figure; the headline is empty where there is none."""
    first, _, rest = findings.partition("\n\n")
    return (first.removeprefix("# "), rest) if first.startswith("# ") else ("", findings)


def sentences_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """What each sentence says of these tables, by its name, as Markdown; without those that lack one.

    A sentence with a number that is none is empty.
    """
    told = {}
    for sentence in sentences():
        if set(sentence.tables) <= set(tables):
            says = getattr(import_module(sentence.module), sentence.name)
            with suppress(NoNumberError):
                told[sentence.name] = with_signs(says(*(tables[name] for name in sentence.tables)))
            told.setdefault(sentence.name, "")
    return told


def heading(source: str) -> tuple[str, str]:
    """(anchor, title) of a section whose first line is `# Title {#anchor}`."""
    title, _, anchor = source.splitlines()[0].removeprefix("# ").partition(" {#")
    return anchor.rstrip("}"), title


def question(source: str) -> str:
    """What a section asks, empty if it asks nothing."""
    return found[2] if (found := QUESTION.search(source)) else ""


def in_order(figures: list[FigureFile], source: str) -> list[FigureFile]:
    """A section's figures as its text places them; those that it does not place come last."""
    placed = _FIGURE.findall(source)
    last = len(placed)

    def place(figure: FigureFile) -> int:
        return min(placed.index(name) if name in placed else last for name in (figure.name, figure.id))

    return sorted(figures, key=place)


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
