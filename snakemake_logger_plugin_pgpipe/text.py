"""The words of the display: durations, the state of a run, a failed job."""

import math
from collections.abc import Sequence
from pathlib import Path

from snakemake_logger_plugin_pgpipe.run import Job, Run

TAIL = 15  # lines of a failed job's log
NAMED = 3  # running jobs that one plain line names


def duration(seconds: float) -> str:
    """Hours, minutes and seconds as a clock writes them: 0:07, 4:31, 1:02:03."""
    minutes, second = divmod(max(0, int(seconds)), 60)  # the clock may be set back
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def roughly(seconds: float | None) -> str:
    """An estimate, no finer than it deserves."""
    if seconds is None:
        return "time left unknown"
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {math.ceil(seconds / 10) * 10} s left"
    minutes = max(1, round(seconds / 60))
    hours, minute = divmod(minutes, 60)
    return f"about {hours} h {minute:02} min left" if hours else f"about {minutes} min left"


def label(rule: str, wildcards: dict[str, str]) -> str:
    """A job as people read it: `train_block (recipe=line_mean, block=0)`."""
    values = ", ".join(f"{name}={value}" for name, value in wildcards.items())
    return f"{rule} ({values})" if values else rule


def counts(run: Run) -> str:
    """`60 of 243 jobs done`, and how many failed."""
    failed = f", {len(run.failed)} failed" if run.failed else ""
    return f"{len(run.done)} of {run.n_planned} jobs done{failed}"


def plain_line(run: Run, left: float | None, now: float) -> str:
    """The state of a run in one line."""
    labels = [job.label for job in run.running.values()]
    named = ", ".join(labels[:NAMED]) + (f" and {len(labels) - NAMED} more" if len(labels) > NAMED else "")
    running = f"; running: {named}" if named else ""
    return f"[{duration(now - run.begun)}] {counts(run)}, {roughly(left)}{running}"


def first_line(run: Run, left: float | None) -> str:
    """What lies ahead."""
    jobs = "1 job" if run.n_planned == 1 else f"{run.n_planned} jobs"
    cores = "1 core" if run.cores == 1 else f"{run.cores} cores"
    return f"{jobs} to do on {cores}, {roughly(left)}"


def last_line(run: Run, now: float, log: str) -> str:
    """What came of it, and where Snakemake's own log is if not everything was done."""
    missing = run.n_planned - len(run.done) - len(run.failed)
    line = f"{counts(run)}{f', {missing} not done' if missing > 0 else ''} in {duration(now - run.begun)}"
    if len(run.done) >= run.n_planned or not log:
        return line
    return f"{line}. Snakemake's own log: {log}"


def failure(job: Job, tails: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A failed job: rule and wildcards, then the path of each of its logs with the last lines of it."""
    lines = [f"Failed: {job.label}"]
    for path, tail in tails:
        lines.append(f"  The end of its log, {path}:" if tail else f"  Its log is empty or missing: {path}")
        lines += [f"  | {line}" for line in tail]
    return "\n".join(lines if tails else [*lines, "  It has no log."])


def full_disk(folder: Path) -> str:
    """Where there is no room, and what to do."""
    return f"{folder}: no space left on its file system. Make room, then run again: what is done stays done"


def last_said(path: Path) -> str:
    """The last line of a running job's log, but for the lines with which each log starts: rule and spec."""
    lines = tail_of(path)
    if not lines or lines[-1].startswith(("rule ", "spec ")):
        return ""
    return "".join(filter(str.isprintable, lines[-1]))  # nothing that moves the cursor


def tail_of(path: Path) -> list[str]:
    """The last lines of a log; none if it is empty or missing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64_000))
            return file.read().decode(errors="replace").splitlines()[-TAIL:]
    except OSError:
        return []
