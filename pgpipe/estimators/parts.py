"""The parts that estimators are made of: which there are, what each asks for and what it says of itself.

The file name is the registration: `baselines/mean.py` holds the baseline `mean`, here and in the packages
among the plugins. In a plugin that is one file, functions are marked (`pgpipe/own.py`). Files are read with
`ast`, so that whoever asks, the config above all, imports no torch.
"""

import ast
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from pgpipe.estimators.facts import Facts, facts_of
from pgpipe.plugins.loaded import named_plugins
from pgpipe.plugins.marked import imported_marks, marked_functions

FAMILIES = ("signals", "baselines", "importance", "aggregates")


@dataclass(frozen=True)
class Part:
    """A signal, a baseline, a form of importance weights, or what a sum over steps is divided by."""

    name: str
    asks: tuple[str, ...]  # the names of its parameters: it gets what it names
    facts: Facts
    module: str = ""  # that holds the function

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Part":
        """The part that a function is, from wherever it comes."""
        return _part_of(function)


def part_names(family: str) -> list[str]:
    """Names of the parts of a family: signals, baselines, importance, aggregates."""
    return sorted(dict.fromkeys(place.name for place in part_places(family)))


def read_part(family: str, name: str) -> Part:
    """The function `name` in the file `name.py` of a family, or marked as one of it.

    Raises `ValueError` if there is no such file or function, or for facts that there are none of.
    """
    for place in part_places(family):
        if place.name == name:
            return _read(place, place.file.stat().st_mtime_ns)
    raise ValueError(f"no file estimators/{family}/{name}.py; found: {', '.join(part_names(family))}")


def import_part(family: str, name: str) -> Callable[..., Any]:
    """The function itself, from its module."""
    return getattr(import_module(read_part(family, name).module), name)


@dataclass(frozen=True)
class Place:
    """Where a part is: its file, called `where` in messages, and the module that the file is."""

    name: str
    file: Path
    where: str
    module: str


def part_places(family: str) -> Iterator[Place]:
    """All parts of a family, pgpipe's first. A name that is there twice is a mistake of the config."""
    for folder in map(Path, import_module(f"pgpipe.estimators.{family}").__path__):
        if folder.is_dir():
            yield from _listed(family, folder, folder.stat().st_mtime_ns)
    for plugin in named_plugins():
        for file in plugin.files(family):
            where = file.relative_to(plugin.root).as_posix()
            yield Place(file.stem, file, where, plugin.module_of(file))
        if plugin.source == plugin.path:
            for name in marked_functions(plugin, family):
                yield Place(name, plugin.path, plugin.path.name, plugin.name)


@cache
def _listed(family: str, folder: Path, changed: int) -> list[Place]:
    """The parts in a folder of pgpipe's to which a file was last added, or taken from it, then."""
    return [
        Place(file.stem, file, f"estimators/{family}/{file.name}", f"pgpipe.estimators.{family}.{file.stem}")
        for file in sorted(folder.glob("[!_]*.py"))
    ]


@cache
def _part_of(function: Callable[..., Any]) -> Part:
    name = getattr(function, "__name__", repr(function))
    return Part(name, tuple(signature(function).parameters), facts_of(function), function.__module__)


@cache
def _read(place: Place, changed: int) -> Part:
    """The part of a file that was last changed then."""
    tree = ast.parse(place.file.read_text(encoding="utf-8"), str(place.file))
    public = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")}
    if (function := public.get(place.name)) is None:
        raise ValueError(
            f"{place.where} has no function '{place.name}'; found: {', '.join(public) or 'none'}"
        )
    try:
        facts = _declared(function, dict(imported_marks(tree)))
        return Part(place.name, tuple(a.arg for a in function.args.args), facts, place.module)
    except ValueError as error:
        raise ValueError(f"{place.where}: {error}") from None


def _declared(function: ast.FunctionDef, marks: Container[str]) -> Facts:
    """The facts in the decorator `@Facts(...)`, or in a mark, `@baseline(...)`."""
    for call in function.decorator_list:
        name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if isinstance(call, ast.Call) and (name.rpartition(".")[2] == Facts.__name__ or name in marks):
            return Facts.from_declaration(**dict(_written_out(call)))
    return Facts()


def _written_out(call: ast.Call) -> Iterator[tuple[str, Any]]:
    """The names and values of a declaration, as far as they can be told without running it."""
    for node in call.args:
        raise ValueError(f"found fact {ast.unparse(node)}; allowed: name=value")
    for word in call.keywords:
        try:
            yield str(word.arg), ast.literal_eval(word.value)
        except ValueError:
            message = f"fact {word.arg}: found {ast.unparse(word.value)}; allowed: a literal, written out"
            raise ValueError(message) from None
