"""Where every file comes from: the record that a job leaves of each file it writes."""

import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from pgpipe.jobs.imports import checksums, sha256
from pgpipe.plugins.loading import places

# A job leaves one record for each file it writes, under the same path in here.
RECORDS = Path("results/provenance")

PACKAGES = ("gymnasium", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "snakemake", "torch")


class ManifestSpec(TypedDict):
    """The whole config."""

    config: dict[str, Any]


def write_records(job: Mapping[str, Any]) -> None:
    """Leave a record beside each output of a job: its checksum, the job, and the code behind it."""
    code = checksums(job["function"].partition(":")[0], *job["uses"])
    for output in job["outputs"].values():
        record = RECORDS / f"{output}.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        made = {"path": output, "sha256": sha256(output), "job": job, "code": code}
        made |= {"places": places()} if "plugins" in job else {}  # for who runs the job again
        record.write_text(json.dumps(made))  # in the order in which the job met them


def write_manifest(spec: ManifestSpec, pages: list[Path], pictures: list[Path]) -> dict[str, Any]:
    """The records of everything that the report was made from, and the machine and versions of this run."""
    machine = {"platform": platform.platform(), "cpu": platform.processor() or platform.machine()}
    python = {"python": platform.python_version()}
    made = {"versions": python | versions(), "threads": 1, **machine, "config": spec["config"]}
    return {"made": made, "files": gather_records(map(str, [*pages, *pictures]))}


def gather_records(paths: Iterable[str]) -> list[dict[str, Any]]:
    """One row for each of the files `paths` and everything they were made from, sorted by path.

    Raises `FileNotFoundError` naming the file without a record, and how to get one.
    """
    rows: dict[str, dict[str, Any]] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in rows:
            rows[path] = _row(path)
            waiting.extend(rows[path]["inputs"])
    return [rows[path] for path in sorted(rows)]


def _row(path: str) -> dict[str, Any]:
    """A row of the manifest, from a file's record."""
    record = RECORDS / f"{path}.json"
    if not record.is_file():
        raise FileNotFoundError(f"no record of {path} under {RECORDS}; run `snakemake --forcerun {path}`")
    made = json.loads(record.read_text("utf-8"))
    job = made["job"]
    named = (paths if isinstance(paths, list) else [paths] for paths in job["inputs"].values())
    return {
        "path": path,
        "sha256": made["sha256"],
        "rule": job["rule"],
        "function": job["function"],
        "spec": job["spec"],
        "inputs": sorted(path for paths in named for path in paths),
        "code": made["code"],
        "log": job["log"],
    }


def versions() -> dict[str, str]:
    """The installed versions of the packages that results may depend on."""
    return {package: metadata.version(package) for package in PACKAGES}
