"""Specs of tables that are gathered from parts."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Call


def gather_table(config: Config, table: str) -> Call:
    """Nothing but its inputs decides a gathered table."""
    return Call("pgpipe.gathering", {})
