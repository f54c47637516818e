"""Which files of this project a module or script depends on, import by import."""

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def code_of(*entries: str) -> list[str]:
    """Return the files of this project that the entries import, over any number of steps, and themselves.

    An entry is a module (`pgpipe.rollout`), or a script by its path (`workflow/scripts/x.py`). Imports are
    found with `ast`, nothing is run. Paths are relative to the working directory, as Snakemake wants its
    inputs, and sorted.  Raises `FileNotFoundError` for an entry that is no file of this project.
    """
    found: set[Path] = set()
    waiting = [_entry_file(entry) for entry in entries]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return sorted(os.path.relpath(path) for path in found)


def _entry_file(entry: str) -> Path:
    path = ROOT / entry if entry.endswith(".py") else _module_file(entry)
    if path is None or not path.is_file():
        raise FileNotFoundError(f"'{entry}' is neither a module nor a script of this project")
    return path


def _module_file(name: str) -> Path | None:
    base = ROOT.joinpath(*name.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """The project's files that one file imports; a module's packages run first, so they count too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.level:
                raise ImportError(f"{path}: relative imports are not followed; write them out")
            names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    if path.is_relative_to(ROOT / "pgpipe"):
        names.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    parents = {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 2)}
    files = (_module_file(name) for name in sorted(parents) if name.split(".")[0] == "pgpipe")
    return tuple(file for file in files if file is not None)
