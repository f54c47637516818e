"""What Snakemake makes of `--configfile` and `--config` before the Snakefile, which reads both itself.

It stops with a traceback at a file that is not UTF-8 and at a key with a dot, and refuses an empty file. The
Snakefile's own messages are better, so the profile calls `leave_to_snakefile`, and only for this workflow.
"""

from collections.abc import Callable
from typing import Any

import snakemake.cli
import snakemake.settings.types


def leave_to_snakefile() -> None:
    """Let config files and arguments that Snakemake would stop at pass."""
    types, cli = snakemake.settings.types, snakemake.cli
    load, parse = _or_nothing(types.load_configfile), _or_nothing(cli.parse_config)

    def parse_nested(arguments: list[str] | None) -> dict[str, Any]:
        if arguments:
            arguments[:] = map(nested, arguments)  # in place: jobs on a cluster are started with them
        return parse(arguments)

    types.load_configfile, cli.parse_config = load, parse_nested


def _or_nothing(read: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """The same where Snakemake can read it, else nothing."""

    def said(source: Any) -> dict[str, Any]:
        try:
            return read(source)
        except Exception:  # the Snakefile reads it again, and says what is wrong
            return {}

    return said


def nested(argument: str) -> str:
    """`a.b.c=1` as `a={b.c: 1}`, which Snakemake takes."""
    path, equals, value = argument.partition("=")
    key, dot, rest = path.partition(".")
    return f"{key}={{{rest}: {value}}}" if equals and dot else argument
