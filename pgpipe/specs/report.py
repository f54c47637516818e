"""Specs of what is made of the tables: gathered tables, figures, ledgers, report, manifest, costs."""

from typing import TYPE_CHECKING

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.imports import ROOT
from pgpipe.specs.common import Call

if TYPE_CHECKING:
    from pgpipe.costs import CostsSpec
    from pgpipe.drawing import FigureSpec
    from pgpipe.ledgers import SectionSpec
    from pgpipe.provenance import ManifestSpec
    from pgpipe.report import ReportSpec


def gather_table(config: Config, table: str) -> Call:
    """Nothing but its inputs decides a gathered table."""
    return Call("pgpipe.gathering", {})


def draw_figure(config: Config, figure: str) -> Call:
    """The module that draws."""
    module = next(f.module for f in registry.figure_files() if f.name == figure)
    spec: FigureSpec = {"module": module}
    return Call("pgpipe.drawing", spec, [module])


def evaluate_section(config: Config, section: str) -> Call:
    """The modules that check and test."""
    modules = list(next(s.modules for s in registry.section_files() if s.name == section))
    spec: SectionSpec = {"section": section, "modules": modules}
    return Call("pgpipe.ledgers", spec, modules)


def gather_evidence(config: Config) -> Call:
    """Nothing but its inputs decides the ledgers."""
    return Call("pgpipe.ledgers", {})


def texts() -> list[str]:
    """The text, templates and style of the report, by their paths in the checkout."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "workflow/report").iterdir())


def write_report(config: Config) -> Call:
    """The whole config, which the report shows; its text, and the captions in the figures' files."""
    captions = [figure.module for figure in registry.figure_files()]
    spec: ReportSpec = {"config": config.model_dump(mode="json"), "texts": texts()}
    return Call("pgpipe.report", spec, [*texts(), *captions])


def write_manifest(config: Config) -> Call:
    """The whole config, as the manifest records it."""
    spec: ManifestSpec = {"config": config.model_dump(mode="json")}
    return Call("pgpipe.provenance", spec)


def gather_timings(config: Config) -> Call:
    """Nothing but what ran decides the costs."""
    spec: CostsSpec = {"texts": texts()}
    return Call("pgpipe.costs", spec, texts())
