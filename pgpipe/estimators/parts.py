"""The parts that estimators are made of: which there are, what each asks for and what it says of itself.

The file name is the registration: `baselines/mean.py` holds the baseline `mean`. Files are read with `ast`,
so that whoever asks, the config above all, imports no torch.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from pgpipe.estimators.facts import Facts, facts_of


@dataclass(frozen=True)
class Part:
    """A signal, a baseline or a form of importance weights."""

    name: str
    asks: tuple[str, ...]  # the names of its parameters: it gets what it names
    facts: Facts

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Part":
        """The part that a function is, from wherever it comes."""
        return _part_of(function)


def part_names(family: str) -> list[str]:
    """Names of the parts of a family: signals, baselines, importance."""
    return sorted(path.stem for folder in _folders(family) for path in folder.glob("[!_]*.py"))


def read_part(family: str, name: str) -> Part:
    """The function `name` in the file `name.py` of a family.

    Raises `ValueError` if there is no such file or function, or for facts that there are none of.
    """
    for folder in _folders(family):
        if (path := folder / f"{name}.py").is_file():
            return _read(path, family, path.stat().st_mtime_ns)
    raise ValueError(f"no file estimators/{family}/{name}.py; found: {', '.join(part_names(family))}")


def _folders(family: str) -> list[Path]:
    return [Path(folder) for folder in import_module(f"pgpipe.estimators.{family}").__path__]


@cache
def _part_of(function: Callable[..., Any]) -> Part:
    name = getattr(function, "__name__", repr(function))
    return Part(name, tuple(signature(function).parameters), facts_of(function))


@cache
def _read(path: Path, family: str, changed: int) -> Part:
    """The part of a file that was last `changed` then."""
    where = f"estimators/{family}/{path.name}"
    nodes = ast.parse(path.read_text(encoding="utf-8"), str(path)).body
    public = {f.name: f for f in nodes if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")}
    if (function := public.get(path.stem)) is None:
        raise ValueError(f"{where} has no function '{path.stem}'; found: {', '.join(public) or 'none'}")
    try:
        return Part(path.stem, tuple(a.arg for a in function.args.args), _declared(function))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _declared(function: ast.FunctionDef) -> Facts:
    """The facts in the decorator `@Facts(...)`."""
    for call in function.decorator_list:
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == Facts.__name__:
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
