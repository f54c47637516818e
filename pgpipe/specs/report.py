"""Specs of the report and of what stands beside it."""

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.imports import ROOT
from pgpipe.specs.common import Call


def texts() -> list[str]:
    """The text, templates and style of the report, by their paths in the checkout."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "workflow/report").iterdir())


def write_report(config: Config) -> Call:
    """The whole config, which the report shows; its text, and the captions in the figures' files."""
    captions = [figure.module for figure in registry.figure_files()]
    return Call(
        "pgpipe.report",
        {"config": config.model_dump(mode="json"), "texts": texts()},
        [*texts(), *captions],
    )


def write_manifest(config: Config) -> Call:
    """The whole config, as the manifest records it."""
    return Call("pgpipe.provenance", {"config": config.model_dump(mode="json")})


def gather_timings(config: Config) -> Call:
    """Nothing but what ran decides the costs."""
    return Call("pgpipe.costs", {"texts": texts()}, texts())
