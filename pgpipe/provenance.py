"""Where every file comes from: the record that a job leaves of each file it writes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

# A job leaves one record for each file it writes, under the same path in here.
RECORDS = Path("results/provenance")

PACKAGES = ("gymnasium", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "snakemake", "torch")


def sha256(path: str | Path) -> str:
    """The checksum of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_records(made: Mapping[str, Any], outputs: Iterable[str]) -> None:
    """Leave a record beside each output of how it was `made`: rule, spec, inputs, code and log."""
    for output in outputs:
        record = RECORDS / f"{output}.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps({"path": output, "sha256": sha256(output), **made}, sort_keys=True))


def gather_records(paths: Iterable[str]) -> list[dict[str, Any]]:
    """The records of the files `paths` and of everything they were made from, sorted by path.

    Raises `FileNotFoundError` naming the file without a record, and how to get one.
    """
    records: dict[str, dict[str, Any]] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in records:
            continue
        record = RECORDS / f"{path}.json"
        if not record.is_file():
            raise FileNotFoundError(f"no record of {path} under {RECORDS}; run `snakemake --forcerun {path}`")
        records[path] = json.loads(record.read_text())
        waiting.extend(records[path]["inputs"])
    return [records[path] for path in sorted(records)]


def versions() -> dict[str, str]:
    """The installed versions of the packages that results may depend on."""
    return {package: metadata.version(package) for package in PACKAGES}
