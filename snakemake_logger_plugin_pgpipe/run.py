"""What is known of a run at one moment, and how each event changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Job:
    """A job that has started."""

    rule: str
    name: str  # rule/wildcards, as in `timings.py`
    label: str  # as people read it: rule (wildcard=value, …)
    log: tuple[str, ...]
    started: float  # seconds since the epoch


@dataclass(frozen=True)
class Finished:
    """A job that has ended well."""

    job: Job
    seconds: float


@dataclass(frozen=True)
class Run:
    """A run: what was planned, what runs, what has ended."""

    begun: float  # seconds since the epoch
    cores: int = 1
    planned: Mapping[str, int] = field(default_factory=dict)  # jobs of each rule
    running: Mapping[int, Job] = field(default_factory=dict)  # by Snakemake's number of the job
    done: tuple[Finished, ...] = ()
    failed: tuple[Job, ...] = ()

    @property
    def n_planned(self) -> int:
        """How many jobs the run set out to do."""
        return sum(self.planned.values())

    @property
    def started(self) -> tuple[Job, ...]:
        """All jobs that have started, whatever became of them."""
        return (*self.running.values(), *(finished.job for finished in self.done), *self.failed)


def start(run: Run, jobid: int, job: Job) -> Run:
    """A job starts."""
    return replace(run, running={**run.running, jobid: job})


def finish(run: Run, jobid: int, now: float) -> Run:
    """A job ends well."""
    running = dict(run.running)
    job = running.pop(jobid)
    return replace(run, running=running, done=(*run.done, Finished(job, now - job.started)))


def fail(run: Run, jobid: int, job: Job) -> Run:
    """A job fails; `job` is what the error says of it, in case its start was not seen."""
    running = dict(run.running)
    return replace(run, failed=(*run.failed, running.pop(jobid, job)), running=running)
