"""The jobs behind a file: those that would run, by a dry run, and those that have run, by their records."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from pgpipe.jobs.imports import ROOT
from pgpipe.jobs.provenance import RECORDS

BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.MULTILINE)
LINE = re.compile(r"^    (\w+): (.*)$", re.MULTILINE)

SPECS = ("pgpipe/lecture/*/specs.py", "pgpipe/lecture/*/specs/[!_]*.py")


@dataclass(frozen=True)
class Planned:
    """A job that makes a file or files: whether it would run now, and the record it left when it last ran."""

    name: str  # rule/wildcards, as its log is called
    rule: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    runs: bool
    wildcards: Mapping[str, str] | None = None  # None where they are to be found by the record
    record: Mapping[str, Any] = field(default_factory=dict)  # {} if there is none


def read_dry_run(text: str, folder: Path) -> dict[str, Planned]:
    """The jobs of a dry run's output, by each of the files that they make."""
    jobs = (_planned(rule, dict(LINE.findall(block)), folder) for rule, block in BLOCK.findall(text))
    return {output: job for job in jobs for output in job.outputs}


def _planned(rule: str, said: Mapping[str, str], folder: Path) -> Planned:
    outputs = _files(said.get("output", ""))
    wildcards = dict(pair.split("=", 1) for pair in _files(said.get("wildcards", "")))
    name = said.get("log", rule).removeprefix("logs/").removesuffix(".log")
    record = read_record(outputs[0], folder) if outputs else {}
    return Planned(name, rule, _files(said.get("input", "")), outputs, True, wildcards, record)


def _files(listed: str) -> tuple[str, ...]:
    return tuple(listed.split(", ")) if listed else ()


def read_record(path: str, folder: Path) -> Mapping[str, Any]:
    """What the job that made a file left beside it; {} if nothing, or nothing that can be read."""
    try:
        found: dict[str, Any] = json.loads((folder / RECORDS / f"{path}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def jobs_behind(path: str, planned: Mapping[str, Planned], folder: Path) -> list[Planned]:
    """All jobs behind a file, each after those whose files it reads."""
    found: dict[str, Planned] = {}

    def visit(file: str) -> None:
        job = planned.get(file) or _recorded(file, folder)
        if job and job.name not in found:
            for name in job.inputs:
                visit(name)
            found[job.name] = job

    visit(path)
    return list(found.values())


def _recorded(path: str, folder: Path) -> Planned | None:
    if not (record := read_record(path, folder)):
        return None
    job = record["job"]
    inputs = [p for paths in job["inputs"].values() for p in ([paths] if isinstance(paths, str) else paths)]
    name = job["log"].removeprefix("logs/").removesuffix(".log")
    return Planned(name, job["rule"], tuple(inputs), tuple(job["outputs"].values()), False, None, record)


def calls() -> dict[str, Callable[..., Any]]:
    """What makes the spec of each rule's jobs, by the rule's name, of all sections."""
    paths = sorted(path for pattern in SPECS for path in ROOT.glob(pattern))
    modules = (import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in paths)
    return {name: value for module in modules for name, value in _made_here(module)}


def _made_here(module: Any) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if callable(value) and getattr(value, "__module__", "") == module.__name__:
            yield name, value


def wildcards_of(job: Planned, make_call: Callable[..., Any]) -> Mapping[str, str]:
    """Those of a dry run, or, of a record, the parts of the job's name in the order of the parameters."""
    if job.wildcards is not None:
        return job.wildcards
    _, *values = job.name.split("/")
    names: Sequence[str] = list(signature(make_call).parameters)[1:]
    return dict(zip(names, values, strict=False))


def seconds_of(job: Planned, folder: Path, timings: Path, rules: Mapping[str, float]) -> float | None:
    """What a job took last time, or what its rule takes; None if neither is known."""
    try:
        measured: float = json.loads((folder / timings / f"{job.name}.json").read_text("utf-8"))["seconds"]
    except (OSError, ValueError, KeyError):
        return rules.get(job.rule)
    return measured
