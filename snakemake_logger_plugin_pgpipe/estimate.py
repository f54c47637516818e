"""The time left: what the jobs still to do took last time, at the pace of this run."""

from collections import Counter
from collections.abc import Iterator

from snakemake_logger_plugin_pgpipe.run import Run
from snakemake_logger_plugin_pgpipe.timings import Timings, expected_of_job, expected_of_rule

# Seconds of jobs that speak for the timings as they are: until about so much has been seen, a few short jobs
# do not overturn them.
PRIOR = 20.0


def pace(run: Run, timings: Timings, now: float) -> float:
    """How many times slower this run is than the timings say: (Σ taken + c) / (Σ expected + c), c = `PRIOR`.

    Counts jobs done, and running ones as soon as they take longer than expected.
    """
    taken = expected = PRIOR
    for finished in run.done:
        usual = expected_of_job(timings, finished.job.name)
        if usual is not None:
            taken, expected = taken + finished.seconds, expected + usual
    for running in run.running.values():
        usual = expected_of_job(timings, running.name)
        if usual is not None and now - running.started > usual:
            taken, expected = taken + now - running.started, expected + usual
    return taken / expected


def seconds_left(run: Run, timings: Timings, now: float) -> float | None:
    """Seconds until the run is over: max(Σ_j s_j / cores, max_j s_j) over the jobs j still to do.

    s_j is the pace times what j is expected to take, less the time for which it has been running. None if
    nothing is known of any job.
    """
    left = list(_jobs_left(run, _known(run, timings), now))
    if None in left:
        return None
    seconds = [each for each in left if each is not None]
    return max(sum(seconds) / run.cores, max(seconds)) if seconds else 0.0


def _known(run: Run, timings: Timings) -> Timings:
    """The timings, or, where there are none at all, those of the jobs that are done."""
    if timings.jobs or timings.rules:
        return timings
    return Timings(jobs={finished.job.name: finished.seconds for finished in run.done})


def _jobs_left(run: Run, timings: Timings, now: float) -> Iterator[float | None]:
    """Seconds left of each job that runs or has not started."""
    rate = pace(run, timings, now)
    for running in run.running.values():
        usual = expected_of_job(timings, running.name)
        yield None if usual is None else max(0.0, rate * usual - (now - running.started))
    names = {job.name for job in run.started}
    started = Counter(job.rule for job in run.started)
    for rule, planned in run.planned.items():
        waiting = planned - started[rule]
        if waiting > 0:
            usual = expected_of_rule(timings, rule, except_for=names)
            yield from [None if usual is None else rate * usual] * waiting
