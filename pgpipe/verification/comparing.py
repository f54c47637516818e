"""Two runs compared, file by file: what is identical, what agrees within tolerance, what differs.

What machine and versions change may move a number within its own interval (`numbers`); what the config, the
code or an editor changes may move nothing. A file that is not a table, such as a picture, agrees if all that
it was made from does; what lies between the config and the tables agrees if the tables made of it do.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pgpipe.verification.differences import (
    LOCK,
    code_causes,
    config_causes,
    environment_causes,
    key_differences,
    spec_causes,
)
from pgpipe.verification.judging import inputs_of, judge
from pgpipe.verification.runs import Run

Status = Literal["identical", "within tolerance", "differs"]


@dataclass(frozen=True)
class Stage:
    """A job at which two runs part: what it reads is the same, what it makes is not."""

    job: str  # rule/wildcards, as its log is called
    paths: tuple[str, ...]  # of what it makes, what is another
    causes: tuple[str, ...]  # in words; empty where nothing that is recorded explains it


@dataclass(frozen=True)
class Finding:
    """What became of one file: whether it is the same, from which jobs on it is not, what of it is not."""

    path: str
    status: Status
    stages: tuple[str, ...] = ()  # their jobs
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All files of two runs, the stages at which these part, and what else is another."""

    then: str
    now: str
    findings: tuple[Finding, ...]
    stages: Mapping[str, Stage]
    config: tuple[str, ...]
    environment: tuple[str, ...]
    exempt: Mapping[str, str]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(finding.status != "differs" for finding in self.findings)

    def count(self, status: Status) -> int:
        """How many files have this status."""
        return sum(finding.status == status for finding in self.findings)


def compare(then: Run, now: Run, only: Collection[str] | None = None) -> Comparison:
    """Compare what was made then with what is made now; of some files alone, where `only` names them."""
    paths = [path for path in sorted({*then.rows, *now.rows}) if not then.is_exempt(path)]
    paths = [path for path in paths if only is None or path in only]
    changed = {path for path in paths if _is_changed(path, then, now)}
    firsts = _first_changes(changed, then, now)
    environment = [*_lock_causes(then, now), *environment_causes(then.made, now.made)]
    config = config_causes(then.made["config"], now.made["config"])
    stages = _stages({path for first in firsts.values() for path in first}, changed, then, now, environment)
    judged = _judge(changed, then, now, tolerated=bool(environment))
    findings = [
        Finding(path, *_said(path, judged, firsts, then, now))
        if path in changed
        else Finding(path, "identical")
        for path in paths
    ]
    return Comparison(
        then.name, now.name, tuple(findings), stages, tuple(config), tuple(environment), then.exempt
    )


def _is_changed(path: str, then: Run, now: Run) -> bool:
    if path not in then.rows or path not in now.rows or path in (*then.edited, *now.edited, *then.gone):
        return True
    return then.rows[path]["sha256"] != now.rows[path]["sha256"]


def _first_changes(changed: Collection[str], then: Run, now: Run) -> dict[str, frozenset[str]]:
    """For each changed file those behind it, or itself, that changed though nothing they read did."""

    @cache
    def firsts(path: str) -> frozenset[str]:
        behind = [firsts(name) for name in sorted(inputs_of(path, then, now)) if name in changed]
        return frozenset[str]().union(*behind) if behind else frozenset([path])

    return {path: firsts(path) for path in changed}


def _job(path: str, then: Run, now: Run) -> str:
    log: str = (now.rows.get(path) or then.rows[path])["log"]
    return log.removeprefix("logs/").removesuffix(".log")


def _stages(
    firsts: Collection[str], changed: Collection[str], then: Run, now: Run, environment: Collection[str]
) -> dict[str, Stage]:
    made: dict[str, list[str]] = {}
    for path in sorted(firsts):
        made.setdefault(_job(path, then, now), []).append(path)
    config = dict(key_differences(then.made["config"], now.made["config"]))
    return {
        job: Stage(job, tuple(paths), tuple(_causes(paths[0], then, now, config) or environment))
        for job, paths in sorted(made.items())
    }


def _causes(path: str, then: Run, now: Run, config: Mapping[str, str]) -> list[str]:
    """Why a file is another although all that it was made from is the same, but for machine and versions."""
    for run in (then, now):
        if path in run.edited:
            return [f"file {path} in {run.folder}: changed since its job made it"]
        if path in run.gone:
            return [f"file {path} in {run.folder}: gone since its job made it"]
    if path not in now.rows:
        return ["no longer made", *(f"config {key}: {values}" for key, values in config.items())]
    if path not in then.rows:
        return ["not made before", *(f"config {key}: {values}" for key, values in config.items())]
    old, new = then.rows[path], now.rows[path]
    other = [f"{name} {old[name]} → {new[name]}" for name in ("rule", "function") if old[name] != new[name]]
    specs = dict.fromkeys(spec_causes(old["spec"], new["spec"], config))
    return [*other, *specs, *code_causes(old["code"], new["code"])]


def _judge(changed: set[str], then: Run, now: Run, tolerated: bool) -> dict[str, tuple[str, ...]]:
    """For each changed file what is not within tolerance; nothing where all is.

    Without another machine or version nothing is tolerated, nor where something else is behind a change.
    """

    @cache
    def moved_otherwise(path: str) -> bool:
        behind = any(moved_otherwise(name) for name in inputs_of(path, then, now) if name in changed)
        return behind or bool(_causes(path, then, now, {}))

    strict = {path for path in changed if not tolerated or moved_otherwise(path)}
    return dict.fromkeys(strict, ("",)) | judge(changed - strict, then, now)


def _said(
    path: str, judged: Mapping[str, Sequence[str]], firsts: Mapping[str, frozenset[str]], then: Run, now: Run
) -> tuple[Status, tuple[str, ...], tuple[str, ...]]:
    """A changed file's status, the jobs from which on it is another, and what does not agree."""
    jobs = tuple(sorted({_job(first, then, now) for first in firsts[path]}))
    problems = judged[path]
    return ("differs" if problems else "within tolerance"), jobs, tuple(filter(None, problems))


def _lock_causes(then: Run, now: Run) -> list[str]:
    """Whether the lock file is another, which all jobs count among their code."""
    locks = [{row["code"].get(LOCK) for row in run.rows.values()} for run in (then, now)]
    return [f"lock {LOCK}: edited"] if locks[0] != locks[1] else []
