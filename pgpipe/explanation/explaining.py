"""What a file depends on, what of that has changed since it was made, and what would run now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgpipe.explanation.keys import keys_read
from pgpipe.explanation.plan import Planned, wildcards_of
from pgpipe.jobs.imports import checksums, sha256
from pgpipe.verification.differences import LOCK, code_causes, key_differences, spec_causes

Calls = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Explained:
    """A job: whether it would run, why, and what it depends on beside its inputs."""

    job: Planned
    causes: tuple[str, ...]  # what has changed since its files were made
    keys: frozenset[str]  # of the config
    own: tuple[str, ...]  # the function's file and those that its spec brings into play
    code: frozenset[str]  # all files, with those that these import


def explain(jobs: Iterable[Planned], calls: Calls, config: Any, folder: Path) -> list[Explained]:
    """Each job with what it depends on, and why it would run."""
    found: list[Explained] = []
    running: set[str] = set()
    for job in jobs:
        made_again = [path for path in job.inputs if path in running]
        explained = _explained(job, calls, config, folder, made_again)
        found.append(explained)
        running |= set(job.outputs) if job.runs else set()
    return found


def _explained(job: Planned, calls: Calls, config: Any, folder: Path, made_again: list[str]) -> Explained:
    call, keys = _call(job, calls, config)
    if call is None:  # a rule that makes no file, or one that the config no longer has
        causes = _file_causes(job, folder)
        return Explained(job, causes, frozenset(), (), frozenset(job.record.get("code", {})))
    code = checksums(call.module, *call.uses)
    causes = _file_causes(job, folder) or (*_changes(job, call, code), *_again(made_again))
    own = (call.module.replace(".", "/") + ".py", *map(_as_path, call.uses))
    return Explained(job, causes, frozenset(keys), tuple(dict.fromkeys(own)), frozenset(code))


def _call(job: Planned, calls: Calls, config: Any) -> tuple[Any, set[str]]:
    """What the job would call now, and the config's keys that it is made from; None if none is known."""
    if (make := calls.get(job.rule)) is None:
        return None, set()
    wildcards = wildcards_of(job, make)
    made: list[Any] = []
    try:
        keys = keys_read(config, lambda: made.append(make(config, **wildcards)))
    except (LookupError, TypeError, StopIteration):
        return None, set()
    return made[0], keys


def _as_path(entry: str) -> str:
    return entry if "/" in entry or ":" in entry else entry.replace(".", "/") + ".py"


def _file_causes(job: Planned, folder: Path) -> tuple[str, ...]:
    """What has become of the files themselves."""
    if gone := [path for path in job.outputs if not (folder / path).is_file()]:
        return (f"not made yet: {gone[0]}",) if not job.record else (f"gone: {gone[0]}",)
    path = job.record.get("path", "")
    if path and sha256(folder / path) != job.record["sha256"]:
        return (f"changed since its job made it: {path}",)
    return ()


def _changes(job: Planned, call: Any, code: Mapping[str, str]) -> list[str]:
    """What of spec and code is another than when its files were made, by key and by file."""
    if not job.record:
        return ["made by somebody else: there is no record of it"]
    then = job.record["job"]
    specs = [f"{cause.removeprefix('spec ')}" for cause in spec_causes(then["spec"], call.spec, {})]
    lock = [f"code {LOCK}: edited"] if job.record["code"].get(LOCK) != code.get(LOCK) else []
    return [*(f"config {said}" for said in specs), *code_causes(job.record["code"], code), *lock]


def _again(inputs: list[str]) -> list[str]:
    return [f"made again: {', '.join(inputs)}"] if inputs else []


def named_by_config(
    causes: Iterable[str], then: Mapping[str, Any] | None, now: Mapping[str, Any]
) -> list[str]:
    """The same causes, by the config's key where a run's manifest tells what that said before."""
    changed = dict(key_differences(then, now)) if then else {}
    said = []
    for cause in causes:
        key, _, values = cause.removeprefix("config ").partition(": ")
        last = key.rpartition(".")[2]
        keys = [k for k, v in changed.items() if v == values and last in k.split(".")]
        said += [f"config {k}: {values}" for k in keys] if keys and cause.startswith("config ") else [cause]
    return said
