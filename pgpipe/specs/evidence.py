"""Specs of checks and claims."""

from typing import TYPE_CHECKING

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.specs.common import Call

if TYPE_CHECKING:
    from pgpipe.ledgers import SectionSpec


def evaluate_section(config: Config, section: str) -> Call:
    """The module that checks and tests."""
    module = next(s.module for s in registry.section_files() if s.name == section)
    spec: SectionSpec = {"module": module}
    return Call("pgpipe.ledgers", spec, [module])


def gather_evidence(config: Config) -> Call:
    """Nothing but its inputs decides the ledgers."""
    return Call("pgpipe.ledgers", {})
