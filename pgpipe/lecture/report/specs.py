"""Specs of what is made of the tables: gathered tables, figures, ledgers, report, manifest, costs."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pgpipe.config.base import Entries
from pgpipe.jobs.imports import ROOT
from pgpipe.lecture import registry
from pgpipe.lecture.common.specs import Call
from pgpipe.lecture.tables import TIMED
from pgpipe.lecture.yours import own_claims

if TYPE_CHECKING:
    from pgpipe.jobs.provenance import ManifestSpec
    from pgpipe.lecture.report.costs import CostsSpec
    from pgpipe.lecture.report.drawing import FigureSpec
    from pgpipe.lecture.report.ledgers import LedgersSpec, SectionSpec
    from pgpipe.lecture.report.material import ReportSpec

# What `make stability` writes: the verdicts of the default lecture, seed by seed.
STABILITY = ROOT / "workflow/stability.json"

# All that is measured anew by every run. `make verify` compares everything else.
EXEMPT = {
    "reports/costs.html": "seconds and memory of jobs",
    "reports/tables/timings.csv": "seconds and memory of jobs",
    "results/timings/*": "seconds and memory of jobs",
    f"results/*{TIMED}.csv": "seconds and memory of single computations",
}


def gather_table(config: Entries, table: str) -> Call:
    """Nothing but its inputs decides a gathered table."""
    return Call("pgpipe.jobs.gathering", {})


def draw_figure(config: Entries, figure: str) -> Call:
    """The module that draws."""
    module = next(f.module for f in registry.figure_files() if f.name == figure)
    spec: FigureSpec = {"module": module}
    return Call("pgpipe.lecture.report.drawing", spec, [module])


def evaluate_section(config: Entries, section: str) -> Call:
    """The modules that check and test."""
    modules = list(next(s.modules for s in registry.section_files() if s.name == section))
    spec: SectionSpec = {"section": section, "modules": modules}
    return Call("pgpipe.lecture.report.ledgers", spec, modules)


def gather_evidence(config: Entries) -> Call:
    """The verdicts that other seeds gave with this config, if it was run with some."""
    spec: LedgersSpec = {"stability": registered_verdicts(config)}
    return Call("pgpipe.lecture.report.ledgers", spec)


def registered_verdicts(config: Entries) -> dict[str, list[str]] | None:
    """Each claim's verdicts by seed, as `make stability` has left them; None if that was another config."""
    if not STABILITY.is_file():
        return None
    registered: dict[str, Any] = json.loads(STABILITY.read_text("utf-8"))
    verdicts: dict[str, list[str]] = registered["verdicts"]
    return verdicts if registered["config"] == digest_but_seed(config) else None


def digest_but_seed(config: Entries) -> str:
    """A checksum of all that the config says but for its seed."""
    said = json.dumps(config.model_dump(mode="json", exclude={"seed"}), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def templates() -> list[str]:
    """The templates and the style of pages, by their paths in the checkout."""
    folder = registry.LECTURE / "report/templates"
    return sorted(path.relative_to(ROOT).as_posix() for path in folder.iterdir())


def _with_notes(config: Entries, texts: list[str]) -> "ReportSpec":
    """The config and the texts; what a reader has to know of environments where there is something."""
    spec: ReportSpec = {"config": config.model_dump(mode="json"), "texts": texts}
    return {**spec, "notes": notes} if (notes := config.notes()) else spec


def write_report(config: Entries) -> Call:
    """The whole config, which the report shows; its text and widgets, sentences, the figures' captions."""
    captions = [figure.module for figure in registry.figure_files()]
    said = dict.fromkeys(sentence.module for sentence in registry.sentences())
    texts = [*registry.texts(), *templates(), *registry.widgets()]
    cited = registry.REFERENCES.relative_to(ROOT).as_posix()
    spec: ReportSpec = _with_notes(config, texts)
    return Call("pgpipe.lecture.report.page", spec, [*texts, *captions, *said, *own_claims(), cited])


def write_book(config: Entries) -> Call:
    """What the page is made of."""
    texts = [*registry.texts(), *templates(), *registry.widgets()]
    spec: ReportSpec = _with_notes(config, texts)
    return Call("pgpipe.lecture.report.book", spec, write_report(config).uses)


def write_slides(config: Entries) -> Call:
    """What the report has, without its numbers."""
    titles = [figure.module for figure in registry.figure_files()]
    texts = [*registry.texts(), *templates()]
    spec: ReportSpec = {"config": config.model_dump(mode="json"), "texts": texts}
    return Call("pgpipe.lecture.report.slides", spec, [*texts, *titles, *own_claims()])


def write_manifest(config: Entries) -> Call:
    """The whole config, and what no two runs share, as the manifest records both."""
    spec: ManifestSpec = {"config": config.model_dump(mode="json"), "exempt": EXEMPT}
    return Call("pgpipe.jobs.provenance", spec)


def gather_timings(config: Entries) -> Call:
    """Nothing but what ran decides the costs."""
    spec: CostsSpec = {"texts": templates()}
    return Call("pgpipe.lecture.report.costs", spec, templates())
