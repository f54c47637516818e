"""Specs of the report and of what stands beside it."""

from typing import TYPE_CHECKING

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.imports import ROOT
from pgpipe.specs.common import Call

if TYPE_CHECKING:
    from pgpipe.costs import CostsSpec
    from pgpipe.provenance import ManifestSpec
    from pgpipe.report import ReportSpec


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
