"""How long jobs took, and how long a job may therefore be expected to take.

A job is named `rule/wildcards`: its log's path without `logs/` and `.log`, and its timing's without
`results/timings/` and `.json`.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean


@dataclass(frozen=True)
class Timings:
    """Seconds of jobs in the last run, and the mean seconds of each rule in the run that is shipped."""

    jobs: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, float] = field(default_factory=dict)


def rule_of(job: str) -> str:
    """The rule of a job: the first part of its name."""
    return job.partition("/")[0]


def rule_means(jobs: Mapping[str, float]) -> dict[str, float]:
    """Mean seconds of each rule, by name."""
    seconds = defaultdict(list)
    for job, measured in jobs.items():
        seconds[rule_of(job)].append(measured)
    return {rule: fmean(seconds[rule]) for rule in sorted(seconds)}


def expected_of_job(timings: Timings, job: str) -> float | None:
    """Seconds that a job may take: its own in the last run, else its rule's; None if no job is known."""
    if job in timings.jobs:
        return timings.jobs[job]
    return expected_of_rule(timings, rule_of(job))


def expected_of_rule(timings: Timings, rule: str, except_for: Collection[str] = ()) -> float | None:
    """Seconds that a job of a rule may take of which no more is known.

    The mean of the rule's jobs in the last run but for those already started, whose names are known; else the
    mean of all of them; else what is shipped for the rule; else the mean over all jobs, or over all rules.
    """
    own = {job: seconds for job, seconds in timings.jobs.items() if rule_of(job) == rule}
    left = [seconds for job, seconds in own.items() if job not in except_for]
    if left or own:
        return fmean(left or own.values())
    if rule in timings.rules:
        return timings.rules[rule]
    known = timings.jobs or timings.rules
    return fmean(known.values()) if known else None


def read_jobs(folder: Path) -> dict[str, float]:
    """Seconds of each job that left its timing in a folder; what cannot be read is left out."""
    jobs = {}
    for path in sorted(folder.rglob("*.json")):
        measured = _read_json(path)
        if isinstance(measured, dict) and _is_duration(measured.get("seconds")):
            name = str(path.relative_to(folder)).removesuffix(".json")  # with_suffix would cut 0.1 to 0
            jobs[name] = float(measured["seconds"])
    return jobs


def read_rules(path: Path) -> dict[str, float]:
    """The shipped mean seconds of each rule; empty if there are none."""
    means = _read_json(path)
    if not isinstance(means, dict):
        return {}
    return {rule: float(seconds) for rule, seconds in means.items() if _is_duration(seconds)}


def _read_json(path: Path) -> object:
    """The content of a file, or None: a missing or broken timing may never stop a run."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0


def ship(arguments: Iterable[str]) -> None:
    """Write the mean seconds of each rule in a folder of timings to a file (`make timings`)."""
    folder, path = map(Path, arguments)
    jobs = read_jobs(folder)
    if not jobs:
        sys.exit(f"{folder}: no timings; run the lecture first")
    means = {rule: round(seconds, 2) for rule, seconds in rule_means(jobs).items()}
    path.write_text(json.dumps(means, indent=2) + "\n", encoding="utf-8")
