"""Which files, of this project and of somebody's own, a job depends on, import by import; their content."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pgpipe.own_code import OWN, as_path, imported_names, own_files

ROOT = Path(__file__).resolve().parents[2]

# What every job depends on: the script that runs it, and the versions that are installed.
EVERY_JOB = ("workflow/run.py", "requirements.lock")


def code_of(*entries: str) -> list[str]:
    """The files of this project that the entries import, over any number of steps, and themselves.

    An entry is a module (`pgpipe.rollout`), a file by its path (`pgpipe/lecture/line/text.md`), or somebody's
    own module (`own:my_lab.nets`), of which only what it imports from here is listed. Imports are found with
    `ast`, nothing is run. Paths are relative to the checkout, and sorted.  Raises `FileNotFoundError` for an
    entry that is no file of this project.
    """
    found: set[Path] = set()
    waiting = [_entry_file(entry) for entry in entries if not entry.startswith(OWN)]
    taken = {name for module, path in _own(entries).items() for name in imported_names(path, module)}
    ours = (_module_file(name) for name in sorted(taken) if name.split(".")[0] == "pgpipe")
    waiting.extend(file for file in ours if file)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def checksums(*entries: str) -> dict[str, str]:
    """The start of the SHA-256 of each file that a job with these entries depends on, by its path."""
    return {path: _checksum(path) for path in code_of(*EVERY_JOB, *entries)} | {
        as_path(module, path): sha256(path)[:16] for module, path in sorted(_own(entries).items())
    }


@cache
def digest(*entries: str) -> str:
    """One checksum of all of them, which changes with any of them."""
    lines = (f"{path} {checksum}\n" for path, checksum in checksums(*entries).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def sha256(path: str | Path) -> str:
    """The checksum of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _checksum(path: str) -> str:
    return sha256(ROOT / path)[:16]


def _own(entries: Iterable[str]) -> dict[str, Path]:
    """The files of all entries that are somebody's own modules, by module."""
    modules = (entry.removeprefix(OWN) for entry in entries if entry.startswith(OWN))
    return {name: path for module in modules for name, path in own_files(module).items()}


def _entry_file(entry: str) -> Path:
    path = ROOT / entry if (ROOT / entry).is_file() else _module_file(entry)
    if path is None:
        raise FileNotFoundError(f"'{entry}' is neither a module nor a file of this project")
    return path


def _module_file(name: str) -> Path | None:
    base = ROOT.joinpath(*name.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """The project's files that one file imports; a module's packages run first, so they count too."""
    if path.suffix != ".py":
        return ()
    names = set(_imported_names(path))
    if path.is_relative_to(ROOT / "pgpipe"):
        names.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    parents = {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 2)}
    files = (_module_file(name) for name in sorted(parents) if name.split(".")[0] == "pgpipe")
    return tuple(file for file in files if file is not None)


def _imported_names(path: Path) -> Iterable[str]:
    """The modules that a file names in its import statements, and what it takes from them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.level:
                raise ImportError(f"{path}: relative imports are not followed; write them out")
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
