"""A finished run as its records tell it: jobs, files, config and machine; nothing in it is a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from pgpipe.errors import UserError
from pgpipe.jobs.imports import ROOT, sha256
from pgpipe.jobs.provenance import RECORDS

MANIFEST = "reports/manifest.json"

# What is packed; the rest, tensors mostly, is described by its checksum and made again by the workflow.
PACKED = "reports/"


class CrateError(UserError):
    """Why a run cannot be packed."""


@dataclass(frozen=True)
class Job:
    """One job, as the records of its outputs have it."""

    name: str  # rule and wildcards, as its log is called
    rule: str
    function: str
    spec: Mapping[str, Any]
    inputs: Mapping[str, Sequence[str]]
    outputs: Mapping[str, str]

    @property
    def reads(self) -> list[str]:
        """All inputs."""
        return [path for paths in self.inputs.values() for path in paths]


@dataclass(frozen=True)
class Run:
    """All jobs behind a report, in an order in which they can run, and the checksums of their files."""

    jobs: Sequence[Job]
    checksums: Mapping[str, str | None]  # none of what no two runs share
    made: Mapping[str, Any]  # the manifest's block: versions, threads, platform, cpu, config

    @property
    def packed(self) -> list[str]:
        """The files that lie in the crate."""
        return [path for path in self.checksums if path.startswith(PACKED)]

    @cached_property
    def steps(self) -> list[tuple[str, str]]:
        """(rule, function), each once, in that order."""
        return list(dict.fromkeys((job.rule, job.function) for job in self.jobs))

    @property
    def functions(self) -> list[str]:
        """What the rules call."""
        return list(dict.fromkeys(function for _, function in self.steps))


def read_run(folder: Path) -> Run:
    """The run in a folder, once its packed files are what their records say, and its code is still this.

    Raises `CrateError` naming the file that is missing or has changed.
    """
    manifest = _read(folder / MANIFEST)
    records = _records(folder, [MANIFEST, *(row["path"] for row in manifest["files"])])
    # and what the same jobs have made beside it
    records |= _records(folder, (p for r in records.values() for p in r["job"]["outputs"].values()))
    for path, record in records.items():
        if path.startswith(PACKED):
            _unchanged(folder, path, record)
        _same_code(path, record)
    return Run(
        _in_order({record["job"]["log"]: _job(record["job"]) for record in records.values()}),
        {
            path: None if _is_exempt(path, manifest["exempt"]) else records[path]["sha256"]
            for path in sorted(records)
        },
        manifest["made"],
    )


def _is_exempt(path: str, patterns: Iterable[str]) -> bool:
    """Whether the manifest declares that it differs from run to run: seconds and memory."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _records(folder: Path, paths: Iterable[str]) -> dict[str, Any]:
    """The record of each file, by its path."""
    return {path: _read(folder / RECORDS / f"{path}.json") for path in dict.fromkeys(paths)}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CrateError(f"{path}: cannot be read ({error}); allowed: a finished run, see `make`") from None


def _unchanged(folder: Path, path: str, record: Mapping[str, Any]) -> None:
    file = folder / path
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise CrateError(f"{file}: found no such file in the run; `snakemake {path}` makes it again")
    if sha256(file) != record["sha256"]:
        raise CrateError(
            f"{file}: found other bytes than its job wrote; `snakemake --forcerun {path}` makes it again"
        )


def _same_code(path: str, record: Mapping[str, Any]) -> None:
    """The checkout's code, which is packed, is what made the file; a plugin's is not packed."""
    for name, checksum in record["code"].items():
        file = ROOT / name
        if file.is_file() and sha256(file)[: len(checksum)] != checksum:
            raise CrateError(f"{name}: has changed since {path} was made; `make` makes it again")


def _job(told: Mapping[str, Any]) -> Job:
    inputs = {name: [of] if isinstance(of, str) else list(of) for name, of in told["inputs"].items()}
    name = told["log"].removeprefix("logs/").removesuffix(".log")
    return Job(name, told["rule"], told["function"], told["spec"], inputs, told["outputs"])


def _in_order(by_log: Mapping[str, Job]) -> list[Job]:
    """Whoever makes a file comes before whoever reads it; else by name."""
    maker = {path: job for job in by_log.values() for path in job.outputs.values()}
    depth: dict[str, int] = {}

    def deep(job: Job) -> int:
        if job.name not in depth:
            depth[job.name] = 1 + max((deep(maker[path]) for path in job.reads if path in maker), default=0)
        return depth[job.name]

    return sorted(by_log.values(), key=lambda job: (deep(job), job.name))
