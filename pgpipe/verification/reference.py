"""A run boiled down to what fits into the repository: checksums, what made what, numbers of its tables.

The numbers stand in for the tables on another machine, where no checksum can be the same: every ledger entry,
and of each table at most `MOST` rows, evenly over all of them, to `DIGITS` digits. Specs, code and sets of
code files that many rows share are written once.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pgpipe.errors import UserError
from pgpipe.verification.numbers import Numbers, thinned
from pgpipe.verification.runs import Run, has_numbers
from pgpipe.verification.seeds import Cell

MOST = 120

DIGITS = 6

# Of a row of the manifest, what is written as it is.
PLAIN = ("path", "sha256", "rule", "function", "inputs", "log")


def make_reference(run: Run) -> dict[str, Any]:
    """What `read_run` reads as a reference.  Raises `UserError` if a file is not as its job left it."""
    if wrong := sorted({*run.edited, *run.gone}):
        raise UserError(
            f"{run.folder}: found {wrong[0]} changed or gone since its job made it; run make first"
        )
    specs, sets = _shared("spec", run), _shared("code", run)
    code = dict(sorted(pair for row in run.rows.values() for pair in row["code"].items()))
    numbered = {path: number for number, path in enumerate(code)}
    rows = [
        {name: row[name] for name in PLAIN}
        | {"spec": specs[_text(row["spec"])], "code": sets[_text(sorted(row["code"]))]}
        for row in run.rows.values()
    ]
    return {
        "made": run.made,
        "exempt": run.exempt,
        "files": rows,
        "specs": [json.loads(spec) for spec in specs],
        "code": code,
        "code_sets": [[numbered[path] for path in json.loads(paths)] for paths in sets],
        "numbers": {path: _rounded(thinned(found, MOST)) for path, found in _numbers(run)},
    }


def as_text(reference: Mapping[str, Any]) -> str:
    """As JSON with a line for each row, so that two of them can be compared line by line."""
    parts = (f"{json.dumps(key)}: {_lines(value)}" for key, value in reference.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    each = (f"{json.dumps(key)}: {_compact(inside)}" for key, inside in value.items())
    return "{\n" + ",\n".join(each) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _shared(key: str, run: Run) -> dict[str, int]:
    """Each different spec, or set of code files, as JSON, with its place in the list of all."""
    values = (row[key] if key == "spec" else sorted(row[key]) for row in run.rows.values())
    return {text: index for index, text in enumerate(dict.fromkeys(map(_text, values)))}


def _numbers(run: Run) -> Iterator[tuple[str, Numbers]]:
    for path in run.rows:
        if has_numbers(path) and (found := run.numbers(path)):
            yield path, found


def _rounded(numbers: Numbers) -> Numbers:
    columns = {name: [_short(cell) for cell in cells] for name, cells in numbers["columns"].items()}
    return {"rows": numbers["rows"], "columns": columns}


def _short(cell: Cell) -> Cell:
    """To so many digits; whole numbers as they are written in fewer letters, which read back as the same."""
    if isinstance(cell, str):
        return cell
    return int(cell) if cell == int(cell) and abs(cell) < 1e15 else float(f"{cell:.{DIGITS}g}")
