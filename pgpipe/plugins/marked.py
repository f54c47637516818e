"""The functions of a file that are marked as parts of estimators, found without running it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pgpipe.plugins.plugin import Plugin
from pgpipe.plugins.sources import parsed

# Where marks are imported from, and the family that each puts a function in.
HOMES = ("pgpipe", "pgpipe.own")
MARKS = {
    "signal": "signals",
    "baseline": "baselines",
    "importance": "importance",
    "aggregate": "aggregates",
}


def marked_functions(plugin: Plugin, family: str) -> list[str]:
    """The names of a file's functions that are marked as parts of a family, in their order."""
    pairs = _marked(plugin.path, plugin.where, plugin.path.stat().st_mtime_ns)
    return [name for name, marked in pairs if marked == family]


@cache
def _marked(path: Path, where: str, changed: int) -> tuple[tuple[str, str], ...]:
    """(function, family) of a file that was last `changed` then."""
    tree = parsed(path, where)
    marks = dict(imported_marks(tree))
    decorated = ((node.name, each) for node in tree.body if isinstance(node, ast.FunctionDef)
                 for each in node.decorator_list)  # fmt: skip
    used = (
        (name, ast.unparse(each.func if isinstance(each, ast.Call) else each)) for name, each in decorated
    )
    return tuple((name, marks[mark]) for name, mark in used if mark in marks)


def imported_marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What marks are called in a file, `baseline` or `own.baseline`, and the family of each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.asname or home for alias in node.names if alias.name in HOMES for home in HOMES]
            yield from ((f"{name}.{mark}", MARKS[mark]) for name in modules for mark in MARKS)
        elif isinstance(node, ast.ImportFrom) and node.module in HOMES:
            for alias in node.names:
                name = alias.asname or alias.name
                if alias.name in MARKS:
                    yield name, MARKS[alias.name]
                elif alias.name == "own":
                    yield from ((f"{name}.{mark}", MARKS[mark]) for mark in MARKS)
