"""What jobs cost, from the benchmark files that Snakemake writes beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def read_timings(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each job behind the manifest's records: rule, job, seconds, cpu_seconds, max_memory_mb.

    A job's log lies at `logs/<job>.log`, its benchmark at `results/timings/<job>.tsv`.
    """
    rows = []
    for log in sorted({record["log"] for record in records}):
        job = log.removeprefix("logs/").removesuffix(".log")  # with_suffix would cut 0.1 to 0
        measured = pd.read_csv(f"results/timings/{job}.tsv", sep="\t").iloc[0]
        rule, *wildcards = job.split("/")
        rows.append((rule, "/".join(wildcards), measured["s"], measured["cpu_time"], measured["max_rss"]))
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_memory_mb"])


def read_computations(paths: Iterable[str]) -> pd.DataFrame:
    """Seconds and memory of single computations, which some jobs measure beside what they count.

    Columns computation, operations, megabytes_held (both counted), seconds, memory_mb (above what was there).
    """
    columns = ["computation", "operations", "megabytes_held", "seconds", "memory_mb"]
    tables = [pd.read_csv(path) for path in paths]
    return pd.concat(tables) if tables else pd.DataFrame(columns=columns)


def all_timings(jobs: pd.DataFrame, computations: pd.DataFrame) -> pd.DataFrame:
    """Rows of `timings.csv`: jobs first, then the single computations in some of them."""
    single = computations.rename(columns={"computation": "job", "memory_mb": "max_memory_mb"})
    rows = [jobs.assign(kind="job"), single.assign(kind="computation")]
    return pd.concat([part for part in rows if len(part)])[["kind", *jobs.columns]]
