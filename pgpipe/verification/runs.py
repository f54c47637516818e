"""A run as its manifest describes it, or the reference that was made of one."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pgpipe.errors import UserError
from pgpipe.jobs.imports import sha256
from pgpipe.lecture import registry
from pgpipe.lecture.codebook import rooms
from pgpipe.verification.numbers import Numbers, read_numbers

MANIFEST = "reports/manifest.json"
LEDGERS = ("reports/checks.json", "reports/claims.json")

Row = Mapping[str, Any]  # of the manifest: path, sha256, rule, function, spec, inputs, code, log


@dataclass(frozen=True)
class Run:
    """What was made of what, by which code, with which config and versions."""

    name: str  # what it is called in messages
    made: Mapping[str, Any]  # versions, machine, config
    rows: Mapping[str, Row]  # by path
    exempt: Mapping[str, str]  # patterns of paths, and why those are never the same twice
    folder: Path | None = None  # where its files are, if they are
    kept: Mapping[str, Numbers] = field(default_factory=dict)  # a reference's, by path
    edited: Collection[str] = ()  # files that are no longer what their jobs made
    gone: Collection[str] = ()  # files that are no longer there

    def is_exempt(self, path: str) -> bool:
        """Whether the manifest declares that no two runs share a file."""
        return any(fnmatchcase(path, pattern) for pattern in self.exempt)

    def numbers(self, path: str) -> Numbers | None:
        """The numbers of a table or ledger; None for another file, or where they are not at hand."""
        if path in self.kept:
            return self.kept[path]
        file = self.folder / path if self.folder else None
        return read_numbers(file) if has_numbers(path) and file and file.is_file() else None


def has_numbers(path: str) -> bool:
    """Whether a file is a table or a ledger, which can be compared number by number."""
    return path.startswith("reports/tables/") or path in LEDGERS


def read_run(path: Path) -> Run:
    """The run behind a manifest, with what has become of its files, or behind a reference.

    Raises `UserError` where there is none.
    """
    allowed = f"allowed: a run's {MANIFEST}, or a reference that `make reference` made"
    try:
        said = json.loads(path.read_text("utf-8"))
        made, files = said["made"], said["files"]
    except FileNotFoundError:
        raise UserError(f"{path}: found no such file; {allowed}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: found {type(error).__name__}: {error}; {allowed}") from None
    exempt = said.get("exempt", {})
    if "numbers" in said:
        rows = {row["path"]: unpacked(row, said) for row in files}
        return Run(str(path), made, rows, exempt, kept=said["numbers"])
    folder = path.resolve().parent.parent
    rows = {row["path"]: row for row in files}
    if not any((folder / name).is_file() for name in rows):  # a manifest alone, of a run elsewhere
        return Run(str(path), made, rows, exempt)
    edited = [name for name, row in rows.items() if _is_other(folder / name, row["sha256"])]
    gone = [name for name in rows if not (folder / name).is_file()]
    return Run(str(path), made, rows, exempt, folder, edited=edited, gone=gone)


def _is_other(file: Path, checksum: str) -> bool:
    return file.is_file() and sha256(file) != checksum


def unpacked(row: Row, reference: Mapping[str, Any]) -> Row:
    """A row of a reference, with its spec and its code in full, as in a manifest."""
    files = list(reference["code"].items())
    code = dict(files[number] for number in reference["code_sets"][row["code"]])
    return {**row, "spec": reference["specs"][row["spec"]], "code": code}


def behind(rows: Mapping[str, Row], paths: Collection[str]) -> set[str]:
    """These files and everything they were made from."""
    found: set[str] = set()
    waiting = [path for path in paths if path in rows]
    while waiting:
        if (path := waiting.pop()) not in found:
            found.add(path)
            waiting.extend(name for name in rows[path]["inputs"] if name in rows)
    return found


def files_of(sections: Collection[str], rows: Mapping[str, Row]) -> set[str]:
    """What a run made for sections of the lecture: tables, figures, evidence, and all behind them."""
    tables = [table.name for room in rooms() if room.name in sections for table in room.tables]
    figures = [figure for figure in registry.figure_files() if figure.section in sections]
    claims = [section for section in registry.section_files() if section.name in sections]
    read = [name for figure in figures for name in figure.tables]
    read += [name for section in claims for name in section.tables]
    paths = [f"reports/tables/{name}.csv" for name in (*tables, *read)]
    paths += [f"reports/figures/{figure.name}.{kind}" for figure in figures for kind in ("svg", "png", "md")]
    paths += [f"results/evidence/{section.name}.json" for section in claims]
    return behind(rows, paths)
